"""What outside systems of ticketing call: ``/hooks/ticketing/…``."""

from .distribution.upstream import door

urlpatterns = [*door.urlpatterns]
