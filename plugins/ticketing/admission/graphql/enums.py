"""Admission's words as the API has them."""

from __future__ import annotations

from saleor_o2o.graphql.enums import enum_of

from ..choices import Audience, ExchangeMode, ProductKind, RealName, SessionState, ValidMode, WaitingState

AdmissionKindEnum = enum_of("AdmissionKind", ProductKind)
AdmissionAudienceEnum = enum_of("AdmissionAudience", Audience)
AdmissionValidModeEnum = enum_of("AdmissionValidMode", ValidMode)
AdmissionRealNameEnum = enum_of("AdmissionRealName", RealName)
AdmissionExchangeModeEnum = enum_of("AdmissionExchangeMode", ExchangeMode)
AdmissionSessionStateEnum = enum_of("AdmissionSessionState", SessionState)
AdmissionWaitingStateEnum = enum_of("AdmissionWaitingState", WaitingState)
