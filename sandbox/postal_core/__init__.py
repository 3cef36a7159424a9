"""The post's core system: savings, insurance, parcels, told to the platform."""
