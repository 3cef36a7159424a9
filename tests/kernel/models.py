"""Tables that only these tests have; `conftest.py` creates them."""

from django.db import models
from django_fsm import transition

from saleor_o2o.kernel.crypto import EncryptedJSONField, EncryptedTextField
from saleor_o2o.kernel.errors import DomainError, KernelErrorCode
from saleor_o2o.kernel.states import FSMField


class Box(models.Model):
    stock = models.IntegerField(default=0)

    class Meta:
        app_label = "o2o_kernel_tests"

    def __str__(self) -> str:
        return f"Box {self.pk}"


class Parcel(models.Model):
    class Status(models.TextChoices):
        NEW = "new", "待揽收"
        COLLECTED = "collected", "已揽收"
        DELIVERED = "delivered", "已妥投"
        RETURNED = "returned", "已退回"

    status = FSMField(default=Status.NEW, choices=Status.choices, protected=True)
    weighed = models.BooleanField(default=True)
    note = models.CharField(max_length=50, blank=True)

    class Meta:
        app_label = "o2o_kernel_tests"

    def __str__(self) -> str:
        return f"Parcel {self.pk}"

    @transition(
        "status",
        source=Status.NEW,
        target=Status.COLLECTED,
        conditions=[lambda parcel: parcel.weighed],
        custom={"label": "揽收"},
    )
    def collect(self, note: str = "") -> None:
        self.note = note

    @transition("status", source=Status.COLLECTED, target=Status.DELIVERED, custom={"label": "妥投"})
    def deliver(self) -> None:
        self.note = "delivered"

    @transition("status", source=[Status.NEW, Status.COLLECTED], target=Status.RETURNED)
    def send_back(self) -> None:
        raise DomainError(KernelErrorCode.INVALID_AMOUNT, "退回失败")


class Secret(models.Model):
    phone = EncryptedTextField(null=True)
    phone_index = models.CharField(max_length=64, blank=True)
    papers = EncryptedJSONField(null=True)

    class Meta:
        app_label = "o2o_kernel_tests"

    def __str__(self) -> str:
        return f"Secret {self.pk}"


class Item(models.Model):
    """In a box."""

    box = models.ForeignKey(Box, models.CASCADE, related_name="+")
    name = models.CharField(max_length=20)
    place = models.PositiveSmallIntegerField()
    weight = models.DecimalField(max_digits=6, decimal_places=2)
    phone = EncryptedTextField(blank=True, default="")
    parts = models.JSONField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        app_label = "o2o_kernel_tests"

    def __str__(self) -> str:
        return f"Item {self.pk}"


MODELS = (Box, Parcel, Secret, Item)
