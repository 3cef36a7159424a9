"""The register of persons that the platform asks whether a name and an identity number belong together."""
