"""The tables of the channels."""

from .application import Application, Photo, PhotoKind
from .binding import BindingMode, BindingRule, CustomerBinding
from .channel import Channel
from .device import Device, DeviceKind, DeviceState
from .material import Material, MaterialMovement, MaterialStock, MovementKind, NumberRange
from .shop import PoolGoods, Shop, ShopGoods, ShopTemplate, Theme
from .target import ChannelDay, Metric, Target
from .training import Course, Exam
from .visit import OPEN_PLAN, Visit, VisitKind, VisitResult, VisitState, in_state

__all__ = [
    "OPEN_PLAN",
    "Application",
    "BindingMode",
    "BindingRule",
    "Channel",
    "ChannelDay",
    "Course",
    "CustomerBinding",
    "Device",
    "DeviceKind",
    "DeviceState",
    "Exam",
    "Material",
    "MaterialMovement",
    "MaterialStock",
    "Metric",
    "MovementKind",
    "NumberRange",
    "Photo",
    "PhotoKind",
    "PoolGoods",
    "Shop",
    "ShopGoods",
    "ShopTemplate",
    "Target",
    "Theme",
    "Visit",
    "VisitKind",
    "VisitResult",
    "VisitState",
    "in_state",
]
