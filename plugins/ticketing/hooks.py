"""What outside systems of ticketing call: ``/hooks/ticketing/…``."""

from .coach.suppliers import callbacks

urlpatterns = [*callbacks.urlpatterns]
