"""社区便民生活服务O2O平台: the composition root and kernel around stock Saleor."""

__version__ = "0.1.0"
