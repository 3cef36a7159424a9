"""The map provider that the platform asks: 高德's Web 服务 API v3."""
