"""积分商城: goods for points, or for points and yuan."""
