// Written by scripts/codegen.mjs from schema.graphql and src/api/operations: do not edit.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type AccountErrorCode =
  | 'ACTIVATE_OWN_ACCOUNT'
  | 'ACTIVATE_SUPERUSER_ACCOUNT'
  | 'DEACTIVATE_OWN_ACCOUNT'
  | 'DEACTIVATE_SUPERUSER_ACCOUNT'
  | 'DELETE_NON_STAFF_USER'
  | 'DELETE_OWN_ACCOUNT'
  | 'DELETE_STAFF_ACCOUNT'
  | 'DELETE_SUPERUSER_ACCOUNT'
  | 'DUPLICATED_INPUT_ITEM'
  | 'GRAPHQL_ERROR'
  | 'INVALID'
  | 'INVALID_CREDENTIALS'
  | 'INVALID_PASSWORD'
  | 'LEFT_NOT_MANAGEABLE_PERMISSION'
  | 'NOT_FOUND'
  | 'OUT_OF_SCOPE_GROUP'
  | 'OUT_OF_SCOPE_PERMISSION'
  | 'OUT_OF_SCOPE_SERVICE_ACCOUNT'
  | 'OUT_OF_SCOPE_USER'
  | 'PASSWORD_ENTIRELY_NUMERIC'
  | 'PASSWORD_TOO_COMMON'
  | 'PASSWORD_TOO_SHORT'
  | 'PASSWORD_TOO_SIMILAR'
  | 'REQUIRED'
  | 'UNIQUE';

export type AddressInput = {
  city?: string | null | undefined;
  cityArea?: string | null | undefined;
  companyName?: string | null | undefined;
  country?: CountryCode | null | undefined;
  countryArea?: string | null | undefined;
  firstName?: string | null | undefined;
  lastName?: string | null | undefined;
  phone?: string | null | undefined;
  postalCode?: string | null | undefined;
  streetAddress1?: string | null | undefined;
  streetAddress2?: string | null | undefined;
};

export type AdmissionAudience =
  | 'ADULT'
  | 'ANY'
  | 'CHILD'
  | 'DISABLED'
  | 'FAMILY'
  | 'PARENT_CHILD'
  | 'SENIOR'
  | 'SOLDIER'
  | 'STUDENT'
  | 'VIP';

export type AdmissionDocument =
  | 'BIRTH'
  | 'EXIT_PERMIT'
  | 'FOREIGNER'
  | 'HK_MACAU'
  | 'HOUSEHOLD'
  | 'ID_CARD'
  | 'MILITARY'
  | 'PASSPORT'
  | 'RESIDENCE'
  | 'TAIWAN'
  | 'TEMPORARY';

export type AdmissionDrawEntryState =
  | 'ENTERED'
  | 'LOST'
  | 'WON';

export type AdmissionDrawState =
  | 'CANCELLED'
  | 'DRAWN'
  | 'OPEN';

export type AdmissionExchangeMode =
  | 'ID_CARD'
  | 'ON_SITE'
  | 'PAPER_MAIL'
  | 'QR'
  | 'SMS';

export type AdmissionKind =
  | 'COMBO'
  | 'EXHIBITION'
  | 'MATCH'
  | 'SCENIC'
  | 'SHOW'
  | 'YEAR_CARD';

export type AdmissionMailInput = {
  area: string;
  mobile: string;
  name: string;
  street: string;
};

export type AdmissionRealName =
  | 'EACH'
  | 'NONE'
  | 'ONE';

export type AdmissionSessionState =
  | 'CANCELLED'
  | 'DRAFT'
  | 'ENDED'
  | 'ON_SALE'
  | 'PAUSED';

export type AdmissionTicketInput = {
  birth?: string | null | undefined;
  document?: AdmissionDocument | null | undefined;
  documentNumber?: string | null | undefined;
  mobile?: string | null | undefined;
  name?: string | null | undefined;
  savedId?: string | number | null | undefined;
  seat?: string | number | null | undefined;
  ticket?: string | null | undefined;
  ticketClass: string;
};

export type AdmissionValidMode =
  | 'ANY_DAY'
  | 'DAY'
  | 'MULTI'
  | 'SESSION'
  | 'SLOT';

export type AdmissionWaitingState =
  | 'BOUGHT'
  | 'CANCELLED'
  | 'EXPIRED'
  | 'OFFERED'
  | 'WAITING';

export type AfterSaleInput = {
  kind: AfterSaleKind;
  lines?: Array<AfterSaleLineInput> | null | undefined;
  reason: AfterSaleReason;
  subOrderNumber: string;
  text?: string | null | undefined;
};

export type AfterSaleKind =
  | 'EXCHANGE'
  | 'REFUND'
  | 'REPAIR'
  | 'RETURN';

export type AfterSaleLineInput = {
  amount?: number | null | undefined;
  lineId: string | number;
  quantity: number;
  swapFor?: string | number | null | undefined;
};

export type AfterSaleOutcome =
  | 'REPAIRED'
  | 'SWAPPED'
  | 'UNCHANGED';

export type AfterSaleParty =
  | 'BUYER'
  | 'PLATFORM'
  | 'SELLER';

export type AfterSaleReason =
  | 'CHANGED_MIND'
  | 'DAMAGED'
  | 'MISSING'
  | 'NOT_AS_SHOWN'
  | 'NOT_RECEIVED'
  | 'NOT_SHIPPED'
  | 'OTHER'
  | 'PRICE'
  | 'QUALITY'
  | 'WRONG_GOODS'
  | 'WRONG_ORDER';

export type AfterSaleState =
  | 'APPLIED'
  | 'APPROVING'
  | 'ARBITRATION'
  | 'CANCELLED'
  | 'CLOSED'
  | 'DONE'
  | 'FINISHED'
  | 'GOODS_REFUSED'
  | 'OFFERED'
  | 'REFUNDING'
  | 'REFUND_FAILED'
  | 'REFUSED'
  | 'REPAIRING'
  | 'SENT'
  | 'TO_RECEIVE'
  | 'TO_RETURN'
  | 'TO_SEND';

export type AttributeInput = {
  slug: string;
  value?: string | null | undefined;
  values?: Array<string | null | undefined> | null | undefined;
};

export type BasketHoldInput = {
  key?: string | null | undefined;
  number: string;
};

export type BasketInput = {
  billingAddress?: AddressInput | null | undefined;
  deductions?: Array<DeductionChoiceInput> | null | undefined;
  email?: string | null | undefined;
  holds?: Array<BasketHoldInput> | null | undefined;
  lines: Array<BasketLineInput>;
  note?: string | null | undefined;
  promoCode?: string | null | undefined;
  shippingAddress?: AddressInput | null | undefined;
  shippingMethod?: string | number | null | undefined;
  source?: string | null | undefined;
};

export type BasketLineInput = {
  quantity: number;
  variantId: string | number;
};

export type CoachDocument =
  | 'BIRTH'
  | 'EXIT_PERMIT'
  | 'FOREIGNER'
  | 'HK_MACAU'
  | 'HOUSEHOLD'
  | 'ID_CARD'
  | 'MILITARY'
  | 'PASSPORT'
  | 'RESIDENCE'
  | 'TAIWAN'
  | 'TEMPORARY';

export type CoachFare =
  | 'FREE'
  | 'FULL'
  | 'HALF';

export type CoachInvoiceState =
  | 'CANCELLED'
  | 'FAILED'
  | 'ISSUED'
  | 'REVERSED'
  | 'WANTED';

export type CoachPassengerInput = {
  birth?: string | null | undefined;
  byHeight?: boolean | null | undefined;
  certificate?: string | null | undefined;
  document?: CoachDocument | null | undefined;
  documentNumber?: string | null | undefined;
  fare: CoachFare;
  mobile?: string | null | undefined;
  name?: string | null | undefined;
  savedId?: string | number | null | undefined;
  ticket?: string | null | undefined;
};

export type CoachPickMode =
  | 'ID_CARD'
  | 'MACHINE'
  | 'OUTLET'
  | 'QR'
  | 'WINDOW';

export type CoachSeatState =
  | 'FREE'
  | 'KEPT'
  | 'NOT_SOLD'
  | 'SOLD';

export type ComplaintTopic =
  | 'AFTER_SALE'
  | 'DELIVERY'
  | 'GOODS'
  | 'OTHER'
  | 'SERVICE';

export type CountryCode =
  | 'AD'
  | 'AE'
  | 'AF'
  | 'AG'
  | 'AI'
  | 'AL'
  | 'AM'
  | 'AO'
  | 'AQ'
  | 'AR'
  | 'AS'
  | 'AT'
  | 'AU'
  | 'AW'
  | 'AX'
  | 'AZ'
  | 'BA'
  | 'BB'
  | 'BD'
  | 'BE'
  | 'BF'
  | 'BG'
  | 'BH'
  | 'BI'
  | 'BJ'
  | 'BL'
  | 'BM'
  | 'BN'
  | 'BO'
  | 'BQ'
  | 'BR'
  | 'BS'
  | 'BT'
  | 'BV'
  | 'BW'
  | 'BY'
  | 'BZ'
  | 'CA'
  | 'CC'
  | 'CD'
  | 'CF'
  | 'CG'
  | 'CH'
  | 'CI'
  | 'CK'
  | 'CL'
  | 'CM'
  | 'CN'
  | 'CO'
  | 'CR'
  | 'CU'
  | 'CV'
  | 'CW'
  | 'CX'
  | 'CY'
  | 'CZ'
  | 'DE'
  | 'DJ'
  | 'DK'
  | 'DM'
  | 'DO'
  | 'DZ'
  | 'EC'
  | 'EE'
  | 'EG'
  | 'EH'
  | 'ER'
  | 'ES'
  | 'ET'
  | 'EU'
  | 'FI'
  | 'FJ'
  | 'FK'
  | 'FM'
  | 'FO'
  | 'FR'
  | 'GA'
  | 'GB'
  | 'GD'
  | 'GE'
  | 'GF'
  | 'GG'
  | 'GH'
  | 'GI'
  | 'GL'
  | 'GM'
  | 'GN'
  | 'GP'
  | 'GQ'
  | 'GR'
  | 'GS'
  | 'GT'
  | 'GU'
  | 'GW'
  | 'GY'
  | 'HK'
  | 'HM'
  | 'HN'
  | 'HR'
  | 'HT'
  | 'HU'
  | 'ID'
  | 'IE'
  | 'IL'
  | 'IM'
  | 'IN'
  | 'IO'
  | 'IQ'
  | 'IR'
  | 'IS'
  | 'IT'
  | 'JE'
  | 'JM'
  | 'JO'
  | 'JP'
  | 'KE'
  | 'KG'
  | 'KH'
  | 'KI'
  | 'KM'
  | 'KN'
  | 'KP'
  | 'KR'
  | 'KW'
  | 'KY'
  | 'KZ'
  | 'LA'
  | 'LB'
  | 'LC'
  | 'LI'
  | 'LK'
  | 'LR'
  | 'LS'
  | 'LT'
  | 'LU'
  | 'LV'
  | 'LY'
  | 'MA'
  | 'MC'
  | 'MD'
  | 'ME'
  | 'MF'
  | 'MG'
  | 'MH'
  | 'MK'
  | 'ML'
  | 'MM'
  | 'MN'
  | 'MO'
  | 'MP'
  | 'MQ'
  | 'MR'
  | 'MS'
  | 'MT'
  | 'MU'
  | 'MV'
  | 'MW'
  | 'MX'
  | 'MY'
  | 'MZ'
  | 'NA'
  | 'NC'
  | 'NE'
  | 'NF'
  | 'NG'
  | 'NI'
  | 'NL'
  | 'NO'
  | 'NP'
  | 'NR'
  | 'NU'
  | 'NZ'
  | 'OM'
  | 'PA'
  | 'PE'
  | 'PF'
  | 'PG'
  | 'PH'
  | 'PK'
  | 'PL'
  | 'PM'
  | 'PN'
  | 'PR'
  | 'PS'
  | 'PT'
  | 'PW'
  | 'PY'
  | 'QA'
  | 'RE'
  | 'RO'
  | 'RS'
  | 'RU'
  | 'RW'
  | 'SA'
  | 'SB'
  | 'SC'
  | 'SD'
  | 'SE'
  | 'SG'
  | 'SH'
  | 'SI'
  | 'SJ'
  | 'SK'
  | 'SL'
  | 'SM'
  | 'SN'
  | 'SO'
  | 'SR'
  | 'SS'
  | 'ST'
  | 'SV'
  | 'SX'
  | 'SY'
  | 'SZ'
  | 'TC'
  | 'TD'
  | 'TF'
  | 'TG'
  | 'TH'
  | 'TJ'
  | 'TK'
  | 'TL'
  | 'TM'
  | 'TN'
  | 'TO'
  | 'TR'
  | 'TT'
  | 'TV'
  | 'TW'
  | 'TZ'
  | 'UA'
  | 'UG'
  | 'UM'
  | 'US'
  | 'UY'
  | 'UZ'
  | 'VA'
  | 'VC'
  | 'VE'
  | 'VG'
  | 'VI'
  | 'VN'
  | 'VU'
  | 'WF'
  | 'WS'
  | 'YE'
  | 'YT'
  | 'ZA'
  | 'ZM'
  | 'ZW';

export type CouponKind =
  | 'AMOUNT'
  | 'EXCHANGE'
  | 'PERCENT'
  | 'SHIPPING';

export type CouponState =
  | 'EXPIRED'
  | 'LOCKED'
  | 'UNUSED'
  | 'USED'
  | 'VOID';

export type DeductionChoiceInput = {
  source: string;
  values: Array<string>;
};

export type IntRangeInput = {
  gte?: number | null | undefined;
  lte?: number | null | undefined;
};

export type MapBusiness =
  | 'BILLS'
  | 'CONVENIENCE'
  | 'DELIVERY'
  | 'PRODUCE'
  | 'RETAIL'
  | 'TICKETING'
  | 'TOURISM';

export type MapDatum =
  | 'BD09'
  | 'GCJ02'
  | 'WGS84';

export type MapOpenState =
  | 'CLOSED'
  | 'OPEN'
  | 'UNKNOWN';

export type MemberCodePurpose =
  | 'BIND_MOBILE'
  | 'CONFIRM'
  | 'COUNTER'
  | 'RESET_PASSWORD'
  | 'SIGN_IN'
  | 'TICKETS';

export type MemberDeviceInput = {
  key?: string | null | undefined;
  name?: string | null | undefined;
};

export type MemberGender =
  | 'FEMALE'
  | 'MALE'
  | 'UNKNOWN';

export type MemberHomeBasis =
  | 'ADDRESS'
  | 'CHOSEN'
  | 'GIVEN'
  | 'STAFF';

export type MemberIdentityKind =
  | 'CARD'
  | 'ID_NUMBER'
  | 'MOBILE'
  | 'OPENID'
  | 'UNIONID'
  | 'USERNAME';

export type MemberInvoiceTitleInput = {
  account?: string | null | undefined;
  address?: string | null | undefined;
  bank?: string | null | undefined;
  email?: string | null | undefined;
  isDefault?: boolean | null | undefined;
  kind?: MemberInvoiceTitleKind | null | undefined;
  phone?: string | null | undefined;
  taxNumber?: string | null | undefined;
  title?: string | null | undefined;
};

export type MemberInvoiceTitleKind =
  | 'COMPANY'
  | 'PERSONAL';

export type MemberPaperKind =
  | 'BIRTH'
  | 'FOREIGNER'
  | 'HK_MACAU'
  | 'HOUSEHOLD'
  | 'ID_CARD'
  | 'PASSPORT'
  | 'TAIWAN';

export type MemberPassengerInput = {
  birth?: string | null | undefined;
  kind?: MemberPassengerKind | null | undefined;
  mobile?: string | null | undefined;
  name?: string | null | undefined;
  number?: string | null | undefined;
  paper?: MemberPaperKind | null | undefined;
};

export type MemberPassengerKind =
  | 'ADULT'
  | 'CHILD'
  | 'DISABLED'
  | 'INFANT'
  | 'STUDENT';

export type MemberPayerNumberInput = {
  biller?: string | null | undefined;
  label?: string | null | undefined;
  number?: string | null | undefined;
  service?: MemberPayerService | null | undefined;
};

export type MemberPayerService =
  | 'GAS'
  | 'HEATING'
  | 'OTHER'
  | 'POWER'
  | 'PROPERTY'
  | 'TELECOM'
  | 'TV'
  | 'WATER';

export type MemberProfileInput = {
  birthday?: string | null | undefined;
  building?: string | null | undefined;
  communityId?: string | number | null | undefined;
  communityName?: string | null | undefined;
  gender?: MemberGender | null | undefined;
  marketing?: boolean | null | undefined;
  name?: string | null | undefined;
  referrer?: string | null | undefined;
};

export type MemberRecordKind =
  | 'PASSENGER'
  | 'PAYER'
  | 'TITLE'
  | 'VEHICLE';

export type MemberSignInWay =
  | 'CODE'
  | 'PASSWORD'
  | 'QR'
  | 'STOCK'
  | 'WECHAT';

export type MemberVehicleDue =
  | 'INSPECTION'
  | 'INSURANCE';

export type MemberVehicleInput = {
  engine?: string | null | undefined;
  inspectionDue?: string | null | undefined;
  insuranceDue?: string | null | undefined;
  model?: string | null | undefined;
  plate?: string | null | undefined;
  registeredOn?: string | null | undefined;
  remind?: boolean | null | undefined;
  vin?: string | null | undefined;
};

export type MemberVerifyState =
  | 'MISMATCHED'
  | 'NONE'
  | 'PASSED'
  | 'SUBMITTED';

export type MembershipBenefitKind =
  | 'COUPON'
  | 'DISCOUNT'
  | 'FREIGHT'
  | 'POINTS'
  | 'RIGHT'
  | 'SUPPORT';

export type MembershipCardState =
  | 'ACTIVE'
  | 'EXPIRED'
  | 'FROZEN'
  | 'INACTIVE'
  | 'LOST'
  | 'VOID';

export type MembershipPeriod =
  | 'MONTH'
  | 'TERM'
  | 'YEAR';

export type MembershipPlanKind =
  | 'CAR'
  | 'COMPANY'
  | 'PAID'
  | 'STAFF';

export type MembershipState =
  | 'ACTIVE'
  | 'ENDED'
  | 'EXPIRED';

export type MyOrderTab =
  | 'ALL'
  | 'CLOSED'
  | 'DONE'
  | 'TO_PAY'
  | 'TO_RECEIVE'
  | 'TO_SHIP'
  | 'TO_USE';

export type OrderBusinessLine =
  | 'AIR'
  | 'BILL'
  | 'COACH'
  | 'GOODS'
  | 'MEMBERSHIP'
  | 'MIXED'
  | 'SERVICE'
  | 'TICKET'
  | 'TRAIN'
  | 'TRAVEL';

export type OrderDeliveryMode =
  | 'DELIVERY'
  | 'PICKUP'
  | 'VIRTUAL';

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type OrderState =
  | 'CLOSED'
  | 'COMPLETED'
  | 'PARTLY_SHIPPED'
  | 'PENDING_PAYMENT'
  | 'PENDING_PICKUP'
  | 'PENDING_SHIPMENT'
  | 'PENDING_VERIFICATION'
  | 'RECEIVED'
  | 'SHIPPED';

export type OrderTimelineKind =
  | 'ADDRESS'
  | 'AFTER_SALE'
  | 'CLOSED'
  | 'COMPLAINT'
  | 'COMPLETED'
  | 'DISPATCH'
  | 'DRAFT'
  | 'FLAG'
  | 'HANDED_OVER'
  | 'MAIL'
  | 'OTHER'
  | 'PAID'
  | 'PAYMENT'
  | 'PLACED'
  | 'PRICE_CHANGED'
  | 'PRINTED'
  | 'RECEIVED'
  | 'REFUNDED'
  | 'REMARK'
  | 'REOPENED'
  | 'SHIPMENT_CANCELLED'
  | 'SHIPPED'
  | 'TRACKING';

export type PayMethod =
  | 'WECHAT_CODE'
  | 'WECHAT_H5'
  | 'WECHAT_JSAPI'
  | 'WECHAT_MINI'
  | 'WECHAT_NATIVE';

export type PaymentIntentState =
  | 'CLOSED'
  | 'CLOSING'
  | 'PAID'
  | 'PENDING'
  | 'REVIEW';

export type PaymentPartInput = {
  amount?: number | null | undefined;
  code?: string | null | undefined;
  method: string;
};

export type PaymentPartState =
  | 'CAPTURED'
  | 'HELD'
  | 'REFUNDED'
  | 'RELEASED';

export type PointsMallPeriod =
  | 'DAY'
  | 'MONTH'
  | 'WEEK'
  | 'WHOLE';

export type PriceRangeInput = {
  gte?: number | null | undefined;
  lte?: number | null | undefined;
};

export type ProductFilterInput = {
  attributes?: Array<AttributeInput | null | undefined> | null | undefined;
  categories?: Array<string | number | null | undefined> | null | undefined;
  collections?: Array<string | number | null | undefined> | null | undefined;
  hasCategory?: boolean | null | undefined;
  isPublished?: boolean | null | undefined;
  minimalPrice?: PriceRangeInput | null | undefined;
  price?: PriceRangeInput | null | undefined;
  productType?: string | number | null | undefined;
  productTypes?: Array<string | number | null | undefined> | null | undefined;
  search?: string | null | undefined;
  stockAvailability?: StockAvailability | null | undefined;
  stocks?: ProductStockFilterInput | null | undefined;
};

export type ProductOrder = {
  attributeId?: string | number | null | undefined;
  direction: OrderDirection;
  field?: ProductOrderField | null | undefined;
};

export type ProductOrderField =
  | 'DATE'
  | 'MINIMAL_PRICE'
  | 'NAME'
  | 'PRICE'
  | 'PUBLISHED'
  | 'TYPE';

export type ProductStockFilterInput = {
  quantity?: IntRangeInput | null | undefined;
  warehouseIds?: Array<string | number> | null | undefined;
};

export type StockAvailability =
  | 'IN_STOCK'
  | 'OUT_OF_STOCK';

export type TicketChangeInput = {
  ticket: string;
  token: string;
};

export type TicketChangeState =
  | 'ASKED'
  | 'AT_SUPPLIER'
  | 'CLOSED'
  | 'DONE'
  | 'REFUSED'
  | 'TO_PAY';

export type TicketInsuranceState =
  | 'ASKED'
  | 'CANCELLED'
  | 'FAILED'
  | 'IN_FORCE'
  | 'WANTED';

export type TicketInsuranceTrade =
  | 'AIR'
  | 'COACH'
  | 'RAIL'
  | 'SCENIC'
  | 'SHOW';

export type TicketInsureInput = {
  products: Array<string>;
  ticket: string;
};

export type TicketMoneyState =
  | 'ARRIVED'
  | 'ASKED'
  | 'COUNTER'
  | 'FAILED'
  | 'REPLACED'
  | 'WAITING';

export type TicketOrderState =
  | 'CLOSED'
  | 'HELD'
  | 'HOLDING'
  | 'HOLD_FAILED'
  | 'ISSUED'
  | 'ISSUE_FAILED'
  | 'ISSUING'
  | 'PAID';

export type TicketOrderTab =
  | 'ALL'
  | 'ENDED'
  | 'ISSUED'
  | 'ISSUING'
  | 'TO_PAY';

export type TicketPostponedChoice =
  | 'KEEP'
  | 'REFUND';

export type TicketRefundInput = {
  quantity?: number | null | undefined;
  ticket: string;
  token: string;
};

export type TicketRefundState =
  | 'ASKED'
  | 'AT_SUPPLIER'
  | 'AUDIT'
  | 'DONE'
  | 'MERCHANT'
  | 'PAYING'
  | 'REFUSED'
  | 'WITHDRAWN';

export type TicketState =
  | 'CHANGED'
  | 'CHANGING'
  | 'EXPIRED'
  | 'HELD'
  | 'ISSUED'
  | 'PART_USED'
  | 'REFUNDED'
  | 'REFUNDING'
  | 'USED'
  | 'VOID';

export type TicketTrade =
  | 'AIR'
  | 'COACH'
  | 'RAIL'
  | 'SCENIC'
  | 'SHOW';

export type WechatOccasion =
  | 'CAMPAIGN'
  | 'COACH_CANCELLED'
  | 'COACH_INVOICE'
  | 'COACH_ISSUED'
  | 'COACH_MOVED'
  | 'COACH_RESUMED'
  | 'OFFERED'
  | 'PAID'
  | 'POINTS'
  | 'READY'
  | 'REFUNDED'
  | 'SESSION_CANCELLED'
  | 'SESSION_POSTPONED'
  | 'SHIPPED'
  | 'SURVEY'
  | 'TICKETS'
  | 'TICKET_CHANGE'
  | 'TICKET_CLOSED'
  | 'TICKET_FAILED'
  | 'TICKET_INSURANCE'
  | 'TICKET_REFUND'
  | 'VEHICLE';

export type AddressCardFragment = { id: string, firstName: string, lastName: string, phone: string | null, countryArea: string, city: string, cityArea: string, streetAddress1: string, streetAddress2: string, postalCode: string, isDefaultShippingAddress: boolean | null };

export type AddressesQueryVariables = Exact<{ [key: string]: never; }>;


export type AddressesQuery = { me: { addresses: Array<{ id: string, firstName: string, lastName: string, phone: string | null, countryArea: string, city: string, cityArea: string, streetAddress1: string, streetAddress2: string, postalCode: string, isDefaultShippingAddress: boolean | null } | null> | null } | null };

export type RegionsQueryVariables = Exact<{
  province?: string | null | undefined;
  city?: string | null | undefined;
}>;


export type RegionsQuery = { addressValidationRules: { postalCodeExamples: Array<string | null> | null, countryAreaChoices: Array<{ raw: string | null, verbose: string | null } | null> | null, cityChoices: Array<{ raw: string | null, verbose: string | null } | null> | null, cityAreaChoices: Array<{ raw: string | null, verbose: string | null } | null> | null } | null };

export type AddressCreateMutationVariables = Exact<{
  input: AddressInput;
}>;


export type AddressCreateMutation = { accountAddressCreate: { address: { id: string, firstName: string, lastName: string, phone: string | null, countryArea: string, city: string, cityArea: string, streetAddress1: string, streetAddress2: string, postalCode: string, isDefaultShippingAddress: boolean | null } | null, accountErrors: Array<{ field: string | null, message: string | null, code: AccountErrorCode }> } | null };

export type AddressUpdateMutationVariables = Exact<{
  id: string | number;
  input: AddressInput;
}>;


export type AddressUpdateMutation = { accountAddressUpdate: { address: { id: string, firstName: string, lastName: string, phone: string | null, countryArea: string, city: string, cityArea: string, streetAddress1: string, streetAddress2: string, postalCode: string, isDefaultShippingAddress: boolean | null } | null, accountErrors: Array<{ field: string | null, message: string | null, code: AccountErrorCode }> } | null };

export type AddressDeleteMutationVariables = Exact<{
  id: string | number;
}>;


export type AddressDeleteMutation = { accountAddressDelete: { accountErrors: Array<{ field: string | null, message: string | null, code: AccountErrorCode }> } | null };

export type AddressDefaultMutationVariables = Exact<{
  id: string | number;
}>;


export type AddressDefaultMutation = { accountSetDefaultAddress: { accountErrors: Array<{ field: string | null, message: string | null, code: AccountErrorCode }> } | null };

export type MeQueryVariables = Exact<{ [key: string]: never; }>;


export type MeQuery = { myMember: { number: string, name: string, mobile: string | null, homeUnit: string | null, homeUnitCode: string | null, hasPassword: boolean, registeredAt: string, identities: Array<{ id: string, kind: MemberIdentityKind, masked: string, isPrimary: boolean, boundAt: string }> } | null };

export type OwnMobileQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnMobileQuery = { myMember: { mobile: string | null } | null };

export type SessionsQueryVariables = Exact<{ [key: string]: never; }>;


export type SessionsQuery = { myMemberSessions: Array<{ id: string, current: boolean, device: string, ip: string | null, seenAt: string, startedAt: string, way: MemberSignInWay }> };

export type AgreementQueryVariables = Exact<{ [key: string]: never; }>;


export type AgreementQuery = { memberAgreement: string };

export type AgreementTextQueryVariables = Exact<{ [key: string]: never; }>;


export type AgreementTextQuery = { memberAgreementText: string };

export type CodeSendMutationVariables = Exact<{
  mobile?: string | null | undefined;
  purpose: MemberCodePurpose;
  device?: MemberDeviceInput | null | undefined;
}>;


export type CodeSendMutation = { memberCodeSend: { ticket: string | null, againAfter: number | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type SignInMutationVariables = Exact<{
  mobile: string;
  code: string;
  agreement?: string | null | undefined;
  device?: MemberDeviceInput | null | undefined;
}>;


export type SignInMutation = { memberSignIn: { token: string | null, created: boolean, errors: Array<{ field: string | null, message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type PasswordSignInMutationVariables = Exact<{
  login: string;
  password: string;
  device?: MemberDeviceInput | null | undefined;
}>;


export type PasswordSignInMutation = { memberPasswordSignIn: { token: string | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type PasswordSetMutationVariables = Exact<{
  password: string;
  code?: string | null | undefined;
  device?: MemberDeviceInput | null | undefined;
}>;


export type PasswordSetMutation = { memberPasswordSet: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type SignOutMutationVariables = Exact<{
  everywhere: boolean;
}>;


export type SignOutMutation = { memberSignOut: { ended: number | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type SessionEndMutationVariables = Exact<{
  id: string | number;
}>;


export type SessionEndMutation = { memberSessionEnd: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type WechatStartMutationVariables = Exact<{
  page: string;
}>;


export type WechatStartMutation = { wechatLoginStart: { url: string | null, browserKey: string | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type WechatFinishMutationVariables = Exact<{
  code: string;
  state: string;
  key: string;
  agreement?: string | null | undefined;
  device?: string | null | undefined;
}>;


export type WechatFinishMutation = { wechatLogin: { token: string | null, created: boolean, follows: boolean | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type WechatPayerMutationVariables = Exact<{
  code: string;
  state: string;
  key: string;
}>;


export type WechatPayerMutation = { wechatPayer: { payerPass: string | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type JsConfigQueryVariables = Exact<{
  url: string;
}>;


export type JsConfigQuery = { wechatJsConfig: { appId: string, timestamp: number, nonceStr: string, signature: string } | null };

export type QrScanMutationVariables = Exact<{
  content: string;
}>;


export type QrScanMutation = { memberQrScan: { device: string | null, ip: string | null, match: string | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type QrDecideMutationVariables = Exact<{
  content: string;
  accept: boolean;
}>;


export type QrDecideMutation = { memberQrDecide: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type AfterSaleCardFragment = { number: string, kind: AfterSaleKind, state: AfterSaleState, stateText: string, reason: AfterSaleReason, text: string, subOrderNumber: string, amount: number, freight: number, agreed: number | null, dueAt: string | null, returnTo: string | null, carrier: string | null, waybill: string | null, answer: string | null, outcome: AfterSaleOutcome | null, outCarrier: string | null, outWaybill: string | null, createdAt: string, endedAt: string | null, lines: Array<{ productName: string, wanted: string | null, quantity: number, amount: number }>, complaint: { number: string, stateText: string } | null };

export type AfterSaleOfferQueryVariables = Exact<{
  part: string;
}>;


export type AfterSaleOfferQuery = { afterSaleOffer: { subOrderNumber: string, mayApply: boolean, mayReturn: boolean, until: string | null, freight: number, repairUntil: string | null, lines: Array<{ lineId: string, productName: string, quantity: number, returnable: number, amount: number, isOpen: boolean }>, swaps: Array<{ lineId: string, variantId: string, name: string, inStock: boolean }> } | null };

export type MyAfterSalesQueryVariables = Exact<{
  skip?: number | null | undefined;
}>;


export type MyAfterSalesQuery = { myAfterSales: Array<{ number: string, kind: AfterSaleKind, state: AfterSaleState, stateText: string, reason: AfterSaleReason, text: string, subOrderNumber: string, amount: number, freight: number, agreed: number | null, dueAt: string | null, returnTo: string | null, carrier: string | null, waybill: string | null, answer: string | null, outcome: AfterSaleOutcome | null, outCarrier: string | null, outWaybill: string | null, createdAt: string, endedAt: string | null, lines: Array<{ productName: string, wanted: string | null, quantity: number, amount: number }>, complaint: { number: string, stateText: string } | null }> };

export type MyAfterSaleQueryVariables = Exact<{
  number: string;
}>;


export type MyAfterSaleQuery = { myAfterSale: { number: string, kind: AfterSaleKind, state: AfterSaleState, stateText: string, reason: AfterSaleReason, text: string, subOrderNumber: string, amount: number, freight: number, agreed: number | null, dueAt: string | null, returnTo: string | null, carrier: string | null, waybill: string | null, answer: string | null, outcome: AfterSaleOutcome | null, outCarrier: string | null, outWaybill: string | null, createdAt: string, endedAt: string | null, lines: Array<{ productName: string, wanted: string | null, quantity: number, amount: number }>, complaint: { number: string, stateText: string } | null } | null };

export type AfterSaleApplyMutationVariables = Exact<{
  input: AfterSaleInput;
  key: string;
  photos?: Array<File> | File | null | undefined;
}>;


export type AfterSaleApplyMutation = { afterSaleApply: { afterSale: { number: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type AfterSaleWithdrawMutationVariables = Exact<{
  number: string;
}>;


export type AfterSaleWithdrawMutation = { afterSaleWithdraw: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type AfterSaleShipBackMutationVariables = Exact<{
  number: string;
  carrier: string;
  waybill: string;
}>;


export type AfterSaleShipBackMutation = { afterSaleShipBack: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type ComplaintCreateMutationVariables = Exact<{
  key: string;
  part: string;
  topic: ComplaintTopic;
  text: string;
  photos?: Array<File> | File | null | undefined;
}>;


export type ComplaintCreateMutation = { complaintCreate: { complaint: { number: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type MyComplaintsQueryVariables = Exact<{ [key: string]: never; }>;


export type MyComplaintsQuery = { myComplaints: Array<{ number: string, topic: ComplaintTopic, stateText: string, subOrderNumber: string, createdAt: string, ruling: string | null, statements: Array<{ party: AfterSaleParty, text: string, at: string }> }> };

export type BasketGoodsQueryVariables = Exact<{
  ids: Array<string | number> | string | number;
}>;


export type BasketGoodsQuery = { productVariants: { edges: Array<{ node: { id: string, name: string, quantityAvailable: number, pricing: { price: { gross: { amount: number } } | null } | null, product: { id: string, name: string, isAvailable: boolean | null, thumbnail: { url: string } | null, productType: { isShippingRequired: boolean } } } }> } | null };

export type QuoteQueryVariables = Exact<{
  input: BasketInput;
}>;


export type QuoteQuery = { basketQuote: { errors: Array<{ code: string, field: string | null, message: string, hint: string | null }>, quote: { pickupMethods: Array<string>, needsAddress: boolean, lines: Array<{ quantity: number, variant: { id: string }, total: { gross: { amount: number } } }>, shippingMethods: Array<{ id: string, name: string, price: { amount: number } | null }>, subtotal: { gross: { amount: number } }, shipping: { gross: { amount: number } }, discount: { amount: number }, deductions: Array<{ source: string, sourceLabel: string, reference: string, title: string, amount: number, shipping: number, lines: Array<{ variantId: string | null, amount: number }> }>, total: { gross: { amount: number } }, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null } };

export type PlaceMutationVariables = Exact<{
  key: string;
  input: BasketInput;
  expected: number;
}>;


export type PlaceMutation = { orderPlace: { number: string | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type CashierStateFragment = { due: number, covered: number, methods: Array<{ method: string, title: string, offered: boolean, remote: boolean, prompt: string | null, whyNot: string | null, maxAmount: number | null }>, parts: Array<{ method: string, label: string, amount: number, ready: boolean, state: PaymentPartState }>, paymentIntent: { number: string, state: PaymentIntentState, amount: number, expiresAt: string, paidAt: string | null } };

export type CashierOfQueryVariables = Exact<{
  token: string;
}>;


export type CashierOfQuery = { cashier: { due: number, covered: number, methods: Array<{ method: string, title: string, offered: boolean, remote: boolean, prompt: string | null, whyNot: string | null, maxAmount: number | null }>, parts: Array<{ method: string, label: string, amount: number, ready: boolean, state: PaymentPartState }>, paymentIntent: { number: string, state: PaymentIntentState, amount: number, expiresAt: string, paidAt: string | null } } | null };

export type PaymentStateQueryVariables = Exact<{
  token: string;
}>;


export type PaymentStateQuery = { paymentIntent: { number: string, state: PaymentIntentState, amount: number, expiresAt: string, paidAt: string | null } | null };

export type PayStartMutationVariables = Exact<{
  token: string;
  method: PayMethod;
  payerId?: string | null | undefined;
  payerPass?: string | null | undefined;
}>;


export type PayStartMutation = { paymentStart: { h5Url: string | null, codeUrl: string | null, jsapi: { appId: string, timeStamp: string, nonceStr: string, package: string, signType: string, paySign: string } | null, paymentIntent: { state: PaymentIntentState, expiresAt: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type PayComposeMutationVariables = Exact<{
  token: string;
  parts: Array<PaymentPartInput> | PaymentPartInput;
}>;


export type PayComposeMutation = { paymentCompose: { cashier: { due: number, covered: number, methods: Array<{ method: string, title: string, offered: boolean, remote: boolean, prompt: string | null, whyNot: string | null, maxAmount: number | null }>, parts: Array<{ method: string, label: string, amount: number, ready: boolean, state: PaymentPartState }>, paymentIntent: { number: string, state: PaymentIntentState, amount: number, expiresAt: string, paidAt: string | null } } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type ProductCardFragment = { id: string, name: string, isAvailable: boolean | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null };

export type CategoriesQueryVariables = Exact<{ [key: string]: never; }>;


export type CategoriesQuery = { categories: { edges: Array<{ node: { id: string, name: string, backgroundImage: { url: string } | null, children: { edges: Array<{ node: { id: string, name: string } }> } | null } }> } | null };

export type HomeQueryVariables = Exact<{ [key: string]: never; }>;


export type HomeQuery = { shop: { name: string, description: string | null, homepageCollection: { id: string, name: string, products: { edges: Array<{ node: { id: string, name: string, isAvailable: boolean | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null } }> } | null } | null } };

export type ProductsQueryVariables = Exact<{
  filter?: ProductFilterInput | null | undefined;
  sortBy?: ProductOrder | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type ProductsQuery = { products: { totalCount: number | null, pageInfo: { hasNextPage: boolean, endCursor: string | null }, edges: Array<{ node: { id: string, name: string, isAvailable: boolean | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null } }> } | null };

export type ProductDetailQueryVariables = Exact<{
  id: string | number;
}>;


export type ProductDetailQuery = { product: { description: string, descriptionJson: string, id: string, name: string, isAvailable: boolean | null, category: { id: string, name: string } | null, images: Array<{ id: string, url: string, alt: string } | null> | null, attributes: Array<{ attribute: { id: string, name: string | null }, values: Array<{ id: string, name: string | null } | null> }>, variants: Array<{ id: string, name: string, sku: string, quantityAvailable: number, memberPrice: { amount: number, title: string } | null, pricing: { price: { gross: { amount: number } } | null, priceUndiscounted: { gross: { amount: number } } | null } | null, attributes: Array<{ attribute: { id: string, name: string | null }, values: Array<{ id: string, name: string | null } | null> }>, images: Array<{ url: string } | null> | null } | null> | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null } | null };

export type LikedFragment = { at: string, product: { id: string, name: string, isAvailable: boolean | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null } | null };

export type FavouritesQueryVariables = Exact<{ [key: string]: never; }>;


export type FavouritesQuery = { myFavourites: Array<{ at: string, product: { id: string, name: string, isAvailable: boolean | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null } | null }> };

export type FootprintsQueryVariables = Exact<{ [key: string]: never; }>;


export type FootprintsQuery = { myFootprints: Array<{ at: string, product: { id: string, name: string, isAvailable: boolean | null, memberPrice: { amount: number, title: string } | null, thumbnail: { url: string } | null, pricing: { onSale: boolean | null, priceRange: { start: { gross: { amount: number } } | null, stop: { gross: { amount: number } } | null } | null, priceRangeUndiscounted: { start: { gross: { amount: number } } | null } | null } | null } | null }> };

export type FavouriteIdsQueryVariables = Exact<{ [key: string]: never; }>;


export type FavouriteIdsQuery = { myFavourites: Array<{ product: { id: string } | null }> };

export type FavouriteSetMutationVariables = Exact<{
  id: string | number;
  favourite: boolean;
}>;


export type FavouriteSetMutation = { memberFavouriteSet: { favourite: boolean | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type FootprintAddMutationVariables = Exact<{
  id: string | number;
}>;


export type FootprintAddMutation = { memberFootprintAdd: { errors: Array<{ code: string }> } | null };

export type FootprintsClearMutationVariables = Exact<{ [key: string]: never; }>;


export type FootprintsClearMutation = { memberFootprintsClear: { cleared: number | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type StationFactsFragment = { code: string, name: string, city: string, county: string, pinyin: string, initials: string };

export type CoachStationsQueryVariables = Exact<{
  search?: string | null | undefined;
}>;


export type CoachStationsQuery = { coachStations: Array<{ code: string, name: string, city: string, county: string, pinyin: string, initials: string }> };

export type CoachDestinationsQueryVariables = Exact<{
  start: string;
  search?: string | null | undefined;
}>;


export type CoachDestinationsQuery = { coachDestinations: Array<{ code: string, name: string, city: string, county: string, pinyin: string, initials: string }> };

export type CoachDaysQueryVariables = Exact<{
  start: string;
  goal: string;
}>;


export type CoachDaysQuery = { coachStations: Array<{ code: string, lastDay: string }>, coachDestinations: Array<{ code: string, firstDay: string }> };

export type CoachShiftsQueryVariables = Exact<{
  start: string;
  goal: string;
  day?: string | null | undefined;
}>;


export type CoachShiftsQuery = { coachShifts: { day: string, errors: Array<{ code: string, field: string | null, message: string, hint: string | null, retryAfter: number | null }>, shifts: Array<{ id: string, number: string, departs: string, last: string, arrives: string, minutes: number, kilometres: number, flow: boolean, extra: boolean, vehicle: string, left: number | null, leftWords: string, terminal: string, start: { code: string, name: string }, goal: { code: string, name: string }, fares: Array<{ fare: CoachFare, name: string, price: number }> }> } };

export type CoachShiftQueryVariables = Exact<{
  id: string | number;
  goal: string;
}>;


export type CoachShiftQuery = { coachShift: { id: string, number: string, day: string, departs: string, last: string, arrives: string, minutes: number, kilometres: number, flow: boolean, extra: boolean, vehicle: string, gate: string, left: number | null, leftWords: string, stopsAt: string, terminal: string, refundWords: Array<string>, changeWords: Array<string>, start: { code: string, name: string, address: string, needsId: boolean, eTicket: boolean, fares: Array<CoachFare>, pickModes: Array<CoachPickMode> }, goal: { code: string, name: string }, fares: Array<{ fare: CoachFare, name: string, face: number, service: number, price: number, parts: Array<{ label: string, amount: number }> }> } | null };

export type CoachHoldMutationVariables = Exact<{
  key: string;
  shift: string | number;
  goal: string;
  passengers: Array<CoachPassengerInput> | CoachPassengerInput;
  contact?: string | null | undefined;
  mobile: string;
  mostTotal?: number | null | undefined;
  seats?: Array<string> | string | null | undefined;
  insteadOf?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type CoachHoldMutation = { coachHold: { number: string | null, state: string | null, heldUntil: string | null, total: number | null, seats: Array<string> | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null, retryAfter: number | null, total: number | null }> } | null };

export type CoachInvoiceWishMutationVariables = Exact<{
  number: string;
  title: string;
  taxNumber?: string | null | undefined;
  email?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type CoachInvoiceWishMutation = { coachInvoiceAsk: { invoice: { title: string, amount: number } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type CoachSeatsQueryVariables = Exact<{
  shift: string | number;
  goal: string;
}>;


export type CoachSeatsQuery = { coachSeats: { seats: Array<{ number: string, state: CoachSeatState }>, errors: Array<{ code: string, field: string | null, message: string, hint: string | null, retryAfter: number | null }> } };

export type CoachPassesQueryVariables = Exact<{
  number: string;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type CoachPassesQuery = { coachPasses: Array<{ ticket: string, orderNumber: string, code: string, state: TicketState, stateLabel: string, fareName: string, seat: string, passenger: string, start: string, goal: string, shift: string, gate: string, departs: string, last: string }> };

export type LaterBusesQueryVariables = Exact<{
  number: string;
  token?: string | null | undefined;
}>;


export type LaterBusesQuery = { coachLaterBuses: { buses: Array<{ id: string, number: string, departs: string, left: number | null, fees: Array<{ ticket: string, allowed: boolean, fee: number, toPay: number, back: number, words: Array<string> }> }>, errors: Array<{ code: string, field: string | null, message: string, hint: string | null, retryAfter: number | null }> } };

export type MissedChangeMutationVariables = Exact<{
  key: string;
  number: string;
  tickets: Array<string> | string;
  shift: string | number;
  expected: number;
  token?: string | null | undefined;
}>;


export type MissedChangeMutation = { coachMissedChange: { change: { number: string, state: TicketChangeState, target: string, toPay: number } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type CouponCardFragment = { number: string, title: string, terms: string, note: string, scope: string, kind: CouponKind, state: CouponState, stateLabel: string, validFrom: string, validUntil: string, usedAt: string | null, orderNumber: string | null };

export type CouponCentreQueryVariables = Exact<{ [key: string]: never; }>;


export type CouponCentreQuery = { couponCentre: Array<{ id: string, title: string, terms: string, note: string, scope: string, kind: CouponKind, validUntil: string | null, validDays: number | null, endsAt: string | null, gone: boolean, mine: number, perMember: number }> };

export type MyCouponsQueryVariables = Exact<{
  state: CouponState;
}>;


export type MyCouponsQuery = { myCoupons: Array<{ number: string, title: string, terms: string, note: string, scope: string, kind: CouponKind, state: CouponState, stateLabel: string, validFrom: string, validUntil: string, usedAt: string | null, orderNumber: string | null }> };

export type CouponCountQueryVariables = Exact<{ [key: string]: never; }>;


export type CouponCountQuery = { myCoupons: Array<{ number: string }> };

export type CouponClaimMutationVariables = Exact<{
  id: string | number;
  key: string;
}>;


export type CouponClaimMutation = { couponClaim: { coupons: Array<{ number: string }> | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type BasketCouponsQueryVariables = Exact<{
  input: BasketInput;
}>;


export type BasketCouponsQuery = { basketCoupons: { best: Array<string>, bestSaves: number, usable: Array<{ saves: number, coupon: { number: string, title: string, terms: string, note: string, scope: string, kind: CouponKind, state: CouponState, stateLabel: string, validFrom: string, validUntil: string, usedAt: string | null, orderNumber: string | null } }>, others: Array<{ refusal: string | null, coupon: { number: string, title: string, terms: string, note: string, scope: string, kind: CouponKind, state: CouponState, stateLabel: string, validFrom: string, validUntil: string, usedAt: string | null, orderNumber: string | null } }> } | null };

export type CouponScanMutationVariables = Exact<{
  code: string;
}>;


export type CouponScanMutation = { couponScan: { fresh: boolean | null, coupons: Array<{ title: string }> | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type PointsMoveFragment = { id: string, title: string, amount: number, balanceAfter: number, owed: boolean, place: string, note: string, at: string };

export type WalletQueryVariables = Exact<{ [key: string]: never; }>;


export type WalletQuery = { myLoyalty: { standing: { points: number, owed: number, expiring: number, expiringDay: string | null }, rung: { growth: number, missing: number, level: { code: string, name: string } | null, following: { name: string } | null }, signed: { today: boolean, days: number }, balance: { amount: number, isFrozen: boolean } | null } | null };

export type PointsStandingQueryVariables = Exact<{ [key: string]: never; }>;


export type PointsStandingQuery = { myLoyalty: { standing: { points: number, owed: number, expiring: number, expiringDay: string | null }, signed: { today: boolean, days: number }, lots: Array<{ left: number, lastDay: string | null }> } | null };

export type PointsMovesQueryVariables = Exact<{
  skip: number;
}>;


export type PointsMovesQuery = { myLoyalty: { lines: Array<{ id: string, title: string, amount: number, balanceAfter: number, owed: boolean, place: string, note: string, at: string }> } | null };

export type GrowthMovesQueryVariables = Exact<{
  skip: number;
}>;


export type GrowthMovesQuery = { myLoyalty: { growthLines: Array<{ id: string, title: string, amount: number, balanceAfter: number, owed: boolean, place: string, note: string, at: string }> } | null };

export type BalanceMovesQueryVariables = Exact<{
  skip: number;
}>;


export type BalanceMovesQuery = { myLoyalty: { balanceLines: Array<{ id: string, title: string, amount: number, balanceAfter: number, owed: boolean, place: string, note: string, at: string }> } | null };

export type RungQueryVariables = Exact<{ [key: string]: never; }>;


export type RungQuery = { myLoyalty: { rung: { growth: number, until: string | null, missing: number, level: { code: string, name: string } | null, following: { code: string, name: string, threshold: number } | null } } | null, loyaltyLevels: Array<{ code: string, name: string, threshold: number, pointsPercent: number, note: string }> };

export type BalanceOfQueryVariables = Exact<{ [key: string]: never; }>;


export type BalanceOfQuery = { myLoyalty: { balance: { amount: number, isFrozen: boolean } | null } | null, rechargePackages: Array<{ variantId: string, amount: number, bonus: number, note: string }> };

export type SignInDailyMutationVariables = Exact<{ [key: string]: never; }>;


export type SignInDailyMutation = { pointsSignIn: { points: number | null, growth: number | null, days: number | null, first: boolean | null, errors: Array<{ message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type PlanFragment = { code: string, name: string, kind: MembershipPlanKind, rank: number, months: number, price: number, agreement: string, note: string, variantId: string | null };

export type MembershipsQueryVariables = Exact<{ [key: string]: never; }>;


export type MembershipsQuery = { membershipPlans: Array<{ code: string, name: string, kind: MembershipPlanKind, rank: number, months: number, price: number, agreement: string, note: string, variantId: string | null }>, myMemberships: Array<{ number: string, state: MembershipState, title: string, startsAt: string, lastDay: string, daysLeft: number, plate: string | null, needsVehicle: boolean, plan: { code: string, name: string, kind: MembershipPlanKind, rank: number, months: number, price: number, agreement: string, note: string, variantId: string | null }, benefits: Array<{ code: string, name: string, kind: MembershipBenefitKind, note: string, period: MembershipPeriod, quota: number | null, used: number, left: number | null, percent: number | null }>, cards: Array<{ id: string, number: string, state: MembershipCardState, title: string }>, terms: Array<{ id: string, title: string, startsAt: string, lastDay: string, paid: number, isVoid: boolean, refundable: boolean, refundRefusal: string | null, plan: { name: string } }> }> };

export type MembershipWishMutationVariables = Exact<{
  plan: string;
  agreement: string;
  vehicleId?: string | number | null | undefined;
  giftMobile?: string | null | undefined;
}>;


export type MembershipWishMutation = { membershipWish: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type MembershipUpgradeMutationVariables = Exact<{
  number: string;
  plan: string;
}>;


export type MembershipUpgradeMutation = { membershipUpgradeAsk: { quote: { number: string, amount: number, quantity: number, days: number, words: string, plan: { variantId: string | null, name: string } } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type MembershipVehicleMutationVariables = Exact<{
  number: string;
  vehicleId: string | number;
}>;


export type MembershipVehicleMutation = { membershipVehicleSet: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type MembershipRefundMutationVariables = Exact<{
  id: string | number;
}>;


export type MembershipRefundMutation = { membershipRefundAsk: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type FreightQueryVariables = Exact<{ [key: string]: never; }>;


export type FreightQuery = { myMemberships: Array<{ state: MembershipState, benefits: Array<{ kind: MembershipBenefitKind, name: string, left: number | null }> }> };

export type BenefitCodeMutationVariables = Exact<{
  number: string;
  benefit: string;
}>;


export type BenefitCodeMutation = { membershipBenefitCode: { digits: string | null, expiresAt: string | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type CardActivateMutationVariables = Exact<{
  card: string;
  scratch: string;
}>;


export type CardActivateMutation = { membershipCardActivate: { membership: { number: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type CardLossMutationVariables = Exact<{
  card: string;
}>;


export type CardLossMutation = { membershipCardLoss: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type MembershipGiveUpMutationVariables = Exact<{
  number: string;
}>;


export type MembershipGiveUpMutation = { membershipGiveUp: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type WechatNoticesQueryVariables = Exact<{
  occasions: Array<WechatOccasion> | WechatOccasion;
}>;


export type WechatNoticesQuery = { wechatNotices: Array<{ templateId: string, title: string }> };

export type OrderHeadFragment = { number: string, token: string, line: OrderBusinessLine, lineLabel: string, state: OrderState, stateLabel: string, cancelLabel: string | null, total: number, refunded: number, placedAt: string, payBy: string | null, actions: Array<string>, subOrders: Array<{ id: string, number: string, seller: string, modeLabel: string, mode: OrderDeliveryMode, state: OrderState, stateLabel: string, goods: number, discount: number, shipping: number, prepaid: number, total: number, receiveBy: string | null, afterSaleUntil: string | null, actions: Array<string>, lines: Array<{ productId: string | null, productName: string, variantName: string, quantity: number, shipped: number, withdrawn: number, unitPrice: number, total: number }> }> };

export type MyOrdersQueryVariables = Exact<{
  tab?: MyOrderTab | null | undefined;
  search?: string | null | undefined;
  after?: string | null | undefined;
}>;


export type MyOrdersQuery = { myOrders: { cursor: string | null, tabs: Array<{ tab: MyOrderTab, label: string, count: number }>, items: Array<{ number: string, token: string, line: OrderBusinessLine, lineLabel: string, state: OrderState, stateLabel: string, cancelLabel: string | null, total: number, refunded: number, placedAt: string, payBy: string | null, actions: Array<string>, subOrders: Array<{ id: string, number: string, seller: string, modeLabel: string, mode: OrderDeliveryMode, state: OrderState, stateLabel: string, goods: number, discount: number, shipping: number, prepaid: number, total: number, receiveBy: string | null, afterSaleUntil: string | null, actions: Array<string>, lines: Array<{ productId: string | null, productName: string, variantName: string, quantity: number, shipped: number, withdrawn: number, unitPrice: number, total: number }> }> }> } | null };

export type MyOrderQueryVariables = Exact<{
  number: string;
}>;


export type MyOrderQuery = { myOrder: { paidAt: string | null, completedAt: string | null, number: string, token: string, line: OrderBusinessLine, lineLabel: string, state: OrderState, stateLabel: string, cancelLabel: string | null, total: number, refunded: number, placedAt: string, payBy: string | null, actions: Array<string>, deductions: Array<{ source: string, title: string, amount: number }>, parcels: Array<{ waybill: string, carrier: string, sentAt: string, receivedAt: string | null, warehouse: string, subOrderNumbers: Array<string>, lines: Array<{ productName: string, variantName: string, quantity: number }> }>, pickup: { code: string, name: string | null, address: string | null, phone: string | null, hours: string | null, navigationUrl: string | null } | null, timeline: Array<{ at: string, kind: OrderTimelineKind, kindLabel: string, text: string }>, subOrders: Array<{ id: string, number: string, seller: string, modeLabel: string, mode: OrderDeliveryMode, state: OrderState, stateLabel: string, goods: number, discount: number, shipping: number, prepaid: number, total: number, receiveBy: string | null, afterSaleUntil: string | null, actions: Array<string>, lines: Array<{ productId: string | null, productName: string, variantName: string, quantity: number, shipped: number, withdrawn: number, unitPrice: number, total: number }> }> } | null };

export type OrderNumberQueryVariables = Exact<{
  number: string;
  token?: string | null | undefined;
}>;


export type OrderNumberQuery = { myOrder: { number: string, token: string, total: number, state: OrderState, payBy: string | null, line: OrderBusinessLine, subOrders: Array<{ mode: OrderDeliveryMode }> } | null };

export type OrderCancelMutationVariables = Exact<{
  number: string;
}>;


export type OrderCancelMutation = { myOrderCancel: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type OrderReceiveMutationVariables = Exact<{
  number: string;
  subOrder?: string | number | null | undefined;
}>;


export type OrderReceiveMutation = { myOrderReceive: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type OrderReorderMutationVariables = Exact<{
  number: string;
}>;


export type OrderReorderMutation = { myOrderReorder: { changes: Array<{ name: string, wanted: number, got: number, words: string }>, checkout: { lines: Array<{ quantity: number, variant: { id: string } } | null> | null } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type NearestQueryVariables = Exact<{
  lng: number;
  lat: number;
  datum?: MapDatum | null | undefined;
  openNow?: boolean | null | undefined;
  scope?: MapBusiness | null | undefined;
}>;


export type NearestQuery = { nearestOutlets: { places: Array<{ distanceText: string, openState: MapOpenState, openText: string, place: { id: string, name: string, address: string, phone: string, navigationUrl: string, unitCode: string, scopes: Array<MapBusiness> } }>, errors: Array<{ message: string, hint: string | null, code: string }> } };

export type ServingQueryVariables = Exact<{
  district: string;
  street?: string | null | undefined;
}>;


export type ServingQuery = { servingBranch: { code: string | null, name: string | null, phone: string | null, address: string | null, text: string | null, note: string | null, errors: Array<{ message: string, code: string }> } };

export type MicroShopQueryVariables = Exact<{
  code: string;
}>;


export type MicroShopQuery = { shopByCode: { code: string, name: string, notice: string, branch: string, address: string, theme: string, offers: Array<{ variantId: string, productName: string, variantName: string, price: number, listPrice: number, imageUrl: string | null }> } | null };

export type ShopVisitMutationVariables = Exact<{
  code: string;
}>;


export type ShopVisitMutation = { shopEnter: { visit: string | null, binding: { shopCode: string } | null, errors: Array<{ message: string, code: string }> } | null };

export type MallOfferFragment = { code: string, title: string, points: number, yuan: number, price: number, note: string, left: number | null, perMember: number | null, period: PointsMallPeriod, periodLabel: string, level: string | null, unit: string | null, closesAt: string | null, mine: number, short: number, refusal: string | null, variant: { id: string, product: { id: string, thumbnail: { url: string } | null, productType: { isShippingRequired: boolean } } } };

export type PointsMallQueryVariables = Exact<{ [key: string]: never; }>;


export type PointsMallQuery = { pointsMall: Array<{ code: string, title: string, points: number, yuan: number, price: number, note: string, left: number | null, perMember: number | null, period: PointsMallPeriod, periodLabel: string, level: string | null, unit: string | null, closesAt: string | null, mine: number, short: number, refusal: string | null, variant: { id: string, product: { id: string, thumbnail: { url: string } | null, productType: { isShippingRequired: boolean } } } }> };

export type PointsMallOfferQueryVariables = Exact<{
  code: string;
}>;


export type PointsMallOfferQuery = { pointsMallOffer: { code: string, title: string, points: number, yuan: number, price: number, note: string, left: number | null, perMember: number | null, period: PointsMallPeriod, periodLabel: string, level: string | null, unit: string | null, closesAt: string | null, mine: number, short: number, refusal: string | null, variant: { id: string, product: { id: string, thumbnail: { url: string } | null, productType: { isShippingRequired: boolean } } } } | null };

export type PointsMallCouponsQueryVariables = Exact<{ [key: string]: never; }>;


export type PointsMallCouponsQuery = { pointsMallCoupons: Array<{ code: string, title: string, terms: string, note: string, scope: string, kind: string, points: number, validDays: number | null, validUntil: string | null, closesAt: string | null, perMember: number, mine: number, short: number, refusal: string | null }> };

export type PointsCouponSwapMutationVariables = Exact<{
  code: string;
  key: string;
}>;


export type PointsCouponSwapMutation = { pointsCouponSwap: { number: string | null, validUntil: string | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type PointsExchangesQueryVariables = Exact<{
  skip: number;
}>;


export type PointsExchangesQuery = { myPointsExchanges: Array<{ id: string, title: string, quantity: number, points: number, yuan: number, back: number, orderNumber: string, orderState: string, at: string }> };

export type ProfileQueryVariables = Exact<{ [key: string]: never; }>;


export type ProfileQuery = { myMember: { number: string, name: string, mobile: string | null, homeUnit: string | null, homeUnitCode: string | null, profile: { gender: MemberGender, birthday: string | null, communityId: string | null, communityName: string, building: string, homeBasis: MemberHomeBasis, marketing: boolean, referrer: string | null, realName: MemberVerifyState, realNameHint: string } } | null };

export type CommunitiesQueryVariables = Exact<{
  search: string;
}>;


export type CommunitiesQuery = { communities: Array<{ id: string, name: string, address: string, unitName: string }> };

export type ProfileUpdateMutationVariables = Exact<{
  input: MemberProfileInput;
}>;


export type ProfileUpdateMutation = { memberProfileUpdate: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type RealNameMutationVariables = Exact<{
  name: string;
  idNumber: string;
  agreed: boolean;
}>;


export type RealNameMutation = { memberRealNameSubmit: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type MobileBindMutationVariables = Exact<{
  mobile: string;
  code: string;
  confirmation?: string | null | undefined;
  password?: string | null | undefined;
  merge?: boolean | null | undefined;
  device?: MemberDeviceInput | null | undefined;
}>;


export type MobileBindMutation = { memberMobileBind: { errors: Array<{ field: string | null, message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type ClosingQueryVariables = Exact<{ [key: string]: never; }>;


export type ClosingQuery = { myClosing: { askedAt: string | null, dueAt: string | null, blockers: Array<{ text: string, hint: string }> } | null, myMember: { mobile: string | null, hasPassword: boolean } | null };

export type ClosingAskMutationVariables = Exact<{
  code?: string | null | undefined;
  password?: string | null | undefined;
  reason?: string | null | undefined;
  device?: MemberDeviceInput | null | undefined;
}>;


export type ClosingAskMutation = { memberClosingAsk: { closing: { askedAt: string | null, dueAt: string | null } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string, retryAfter: number | null }> } | null };

export type ClosingWithdrawMutationVariables = Exact<{ [key: string]: never; }>;


export type ClosingWithdrawMutation = { memberClosingWithdraw: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type PassengersQueryVariables = Exact<{ [key: string]: never; }>;


export type PassengersQuery = { myPassengers: Array<{ id: string, name: string, kind: MemberPassengerKind, paper: MemberPaperKind, maskedNumber: string, birth: string, maskedMobile: string, verified: MemberVerifyState }> };

export type PayerNumbersQueryVariables = Exact<{ [key: string]: never; }>;


export type PayerNumbersQuery = { myPayerNumbers: Array<{ id: string, service: MemberPayerService, biller: string, maskedNumber: string, label: string }> };

export type VehiclesQueryVariables = Exact<{ [key: string]: never; }>;


export type VehiclesQuery = { myVehicles: Array<{ id: string, plate: string, newEnergy: boolean, model: string, hasVin: boolean, hasEngine: boolean, registeredOn: string | null, inspectionDue: string | null, insuranceDue: string | null, remind: boolean }> };

export type InvoiceTitlesQueryVariables = Exact<{ [key: string]: never; }>;


export type InvoiceTitlesQuery = { myInvoiceTitles: Array<{ id: string, kind: MemberInvoiceTitleKind, title: string, taxNumber: string, address: string, phone: string, bank: string, account: string, email: string, isDefault: boolean }> };

export type PassengerSaveMutationVariables = Exact<{
  id?: string | number | null | undefined;
  input: MemberPassengerInput;
}>;


export type PassengerSaveMutation = { memberPassengerSave: { passenger: { id: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type PayerNumberSaveMutationVariables = Exact<{
  id?: string | number | null | undefined;
  input: MemberPayerNumberInput;
}>;


export type PayerNumberSaveMutation = { memberPayerNumberSave: { payerNumber: { id: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type VehicleSaveMutationVariables = Exact<{
  id?: string | number | null | undefined;
  input: MemberVehicleInput;
}>;


export type VehicleSaveMutation = { memberVehicleSave: { vehicle: { id: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type InvoiceTitleSaveMutationVariables = Exact<{
  id?: string | number | null | undefined;
  input: MemberInvoiceTitleInput;
}>;


export type InvoiceTitleSaveMutation = { memberInvoiceTitleSave: { invoiceTitle: { id: string } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type RecordDeleteMutationVariables = Exact<{
  id: string | number;
  kind: MemberRecordKind;
}>;


export type RecordDeleteMutation = { memberRecordDelete: { errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type VehicleDoneMutationVariables = Exact<{
  id: string | number;
  what: MemberVehicleDue;
}>;


export type VehicleDoneMutation = { memberVehicleDone: { vehicle: { inspectionDue: string | null, insuranceDue: string | null } | null, errors: Array<{ message: string, hint: string | null, code: string }> } | null };

export type MySurveyQueryVariables = Exact<{ [key: string]: never; }>;


export type MySurveyQuery = { mySurvey: { id: string, orderNumber: string, askedAt: string } | null };

export type SurveyAnswerMutationVariables = Exact<{
  id: string | number;
  score: number;
  word?: string | null | undefined;
}>;


export type SurveyAnswerMutation = { surveyAnswer: { survey: { score: number | null } | null, errors: Array<{ field: string | null, message: string, hint: string | null, code: string }> } | null };

export type TicketHeadFragment = { number: string, trade: TicketTrade, state: TicketOrderState, stateLabel: string, outcomeLabel: string, title: string, startsAt: string, endsAt: string, heldUntil: string | null, total: number, orderNumber: string | null, tickets: Array<{ number: string, state: TicketState, stateLabel: string, fareName: string, seat: string, price: number }> };

export type MyTicketOrdersQueryVariables = Exact<{
  tab?: TicketOrderTab | null | undefined;
  cursor?: string | null | undefined;
}>;


export type MyTicketOrdersQuery = { myTicketOrders: { cursor: string, items: Array<{ number: string, trade: TicketTrade, state: TicketOrderState, stateLabel: string, outcomeLabel: string, title: string, startsAt: string, endsAt: string, heldUntil: string | null, total: number, orderNumber: string | null, tickets: Array<{ number: string, state: TicketState, stateLabel: string, fareName: string, seat: string, price: number }> }> } | null };

export type TicketFactsFragment = { number: string, state: TicketState, stateLabel: string, fare: string, fareName: string, seat: string, price: number, service: number, uses: number, used: number, back: number, carriedBy: string | null, theirNumber: string, collectedAt: string | null, refundRule: Array<string>, changeRule: Array<string>, segment: { position: number, title: string }, parts: Array<{ label: string, amount: number }>, passenger: { name: string, document: string, number: string, type: string } | null };

export type TicketOrderOfQueryVariables = Exact<{
  number: string;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type TicketOrderOfQuery = { ticketOrder: { number: string, trade: TicketTrade, state: TicketOrderState, stateLabel: string, outcomeLabel: string, title: string, productCode: string, insteadOf: string, startsAt: string, endsAt: string, heldUntil: string | null, total: number, service: number, orderNumber: string | null, contact: string, mobile: string, why: string, madeAt: string, paidAt: string | null, issuedAt: string | null, details: Array<{ label: string, text: string }>, pick: Array<{ label: string, text: string }>, segments: Array<{ position: number, title: string, number: string, origin: string, goal: string, startsAt: string, endsAt: string, cancelled: boolean }>, tickets: Array<{ number: string, state: TicketState, stateLabel: string, fare: string, fareName: string, seat: string, price: number, service: number, uses: number, used: number, back: number, carriedBy: string | null, theirNumber: string, collectedAt: string | null, refundRule: Array<string>, changeRule: Array<string>, segment: { position: number, title: string }, parts: Array<{ label: string, amount: number }>, passenger: { name: string, document: string, number: string, type: string } | null }> } | null, ticketRefunds: Array<{ number: string, state: TicketRefundState, title: string, due: number, why: string, replyWords: string, withdrawable: boolean, askedAt: string, doneAt: string | null, items: Array<{ ticket: string, kept: boolean, said: string }>, money: Array<{ title: string, amount: number, arrivedAt: string | null, state: TicketMoneyState }> }>, ticketChanges: Array<{ number: string, origin: string, target: string, orderNumber: string, state: TicketChangeState, title: string, toPay: number, back: number, payBy: string | null, why: string }>, ticketInsurances: Array<{ number: string, ticket: string, name: string, price: number, state: TicketInsuranceState, title: string, policyNumber: string, terms: string }>, ticketPostponed: { wasAt: string, nowAt: string, reason: string, chooseUntil: string, choice: TicketPostponedChoice | null, refundNumber: string } | null, coachInvoices: Array<{ number: string, kindLabel: string, state: CoachInvoiceState, stateLabel: string, title: string, amount: number, invoiceNumber: string, issuedOn: string | null, why: string }> };

export type TicketsOfQueryVariables = Exact<{
  number: string;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type TicketsOfQuery = { ticketOrder: { number: string, trade: TicketTrade, title: string, productCode: string, startsAt: string, details: Array<{ label: string, text: string }>, tickets: Array<{ number: string, state: TicketState, stateLabel: string, fare: string, fareName: string, seat: string, price: number, service: number, uses: number, used: number, back: number, carriedBy: string | null, theirNumber: string, collectedAt: string | null, refundRule: Array<string>, changeRule: Array<string>, segment: { position: number, title: string }, parts: Array<{ label: string, amount: number }>, passenger: { name: string, document: string, number: string, type: string } | null }> } | null };

export type HeldOrderQueryVariables = Exact<{
  number: string;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type HeldOrderQuery = { ticketOrder: { number: string, trade: TicketTrade, state: TicketOrderState, stateLabel: string, title: string, heldUntil: string | null, total: number, service: number, why: string, orderNumber: string | null, details: Array<{ label: string, text: string }>, tickets: Array<{ number: string, fareName: string, seat: string, price: number, passenger: { name: string, number: string } | null }> } | null };

export type InsurancesOfferedQueryVariables = Exact<{
  trade: TicketInsuranceTrade;
  order: string;
}>;


export type InsurancesOfferedQuery = { ticketInsuranceProducts: Array<{ code: string, name: string, price: number, covers: string, terms: string, insurer: string }>, ticketInsurances: Array<{ ticket: string, product: string, price: number, state: TicketInsuranceState }> };

export type InsureTicketsMutationVariables = Exact<{
  hold: string;
  choices: Array<TicketInsureInput> | TicketInsureInput;
}>;


export type InsureTicketsMutation = { ticketInsure: { insurances: Array<{ ticket: string, product: string, price: number }>, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type HoldReleaseMutationVariables = Exact<{
  number: string;
  key?: string | null | undefined;
}>;


export type HoldReleaseMutation = { ticketHoldRelease: { order: { state: TicketOrderState } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type VoucherFactsFragment = { number: string, orderNumber: string, title: string, code: string, standing: string, validFrom: string, validUntil: string, uses: number, used: number, left: number, unlimited: boolean, needsDocument: boolean, voidWhy: string, pdfUrl: string, kept: { qr: string, rotating: boolean, secret: string, step: number, digits: number } | null, theirCodes: Array<{ code: string, qr: string }>, paper: { way: string, words: string, exchangeQr: string, exchangedAt: string | null, where: string, carrier: string, waybill: string, sentAt: string | null, receiver: string, addressOpen: boolean } | null };

export type VouchersQueryVariables = Exact<{
  number: string;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type VouchersQuery = { ticketVouchers: Array<{ number: string, orderNumber: string, title: string, code: string, standing: string, validFrom: string, validUntil: string, uses: number, used: number, left: number, unlimited: boolean, needsDocument: boolean, voidWhy: string, pdfUrl: string, kept: { qr: string, rotating: boolean, secret: string, step: number, digits: number } | null, theirCodes: Array<{ code: string, qr: string }>, paper: { way: string, words: string, exchangeQr: string, exchangedAt: string | null, where: string, carrier: string, waybill: string, sentAt: string | null, receiver: string, addressOpen: boolean } | null }> };

export type HoldersQueryVariables = Exact<{
  number: string;
  token?: string | null | undefined;
}>;


export type HoldersQuery = { ticketHolders: Array<{ ticket: string, name: string, open: boolean, until: string | null, why: string }> };

export type HolderChangeMutationVariables = Exact<{
  ticket: string;
  savedId?: string | number | null | undefined;
  name?: string | null | undefined;
  document?: AdmissionDocument | null | undefined;
  documentNumber?: string | null | undefined;
  birth?: string | null | undefined;
  mobile?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type HolderChangeMutation = { ticketHolderChange: { ticket: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type GuestLinkQueryVariables = Exact<{
  link: string;
}>;


export type GuestLinkQuery = { ticketGuestLink: { number: string | null, mobile: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } };

export type GuestCodeSendMutationVariables = Exact<{
  number?: string | null | undefined;
  mobile?: string | null | undefined;
  link?: string | null | undefined;
  device?: string | null | undefined;
}>;


export type GuestCodeSendMutation = { ticketGuestCodeSend: { againAfter: number | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type GuestOpenMutationVariables = Exact<{
  number?: string | null | undefined;
  mobile?: string | null | undefined;
  link?: string | null | undefined;
  code: string;
  device?: string | null | undefined;
}>;


export type GuestOpenMutation = { ticketGuestOpen: { number: string | null, token: string | null, until: string | null, onlyShown: boolean | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type ChangePayMutationVariables = Exact<{
  number: string;
  token: string;
}>;


export type ChangePayMutation = { ticketChangePay: { orderNumber: string | null, orderToken: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type ChangeOfQueryVariables = Exact<{
  origin: string;
  target: string;
}>;


export type ChangeOfQuery = { old: { title: string, details: Array<{ label: string, text: string }> } | null, new: { title: string, details: Array<{ label: string, text: string }>, tickets: Array<{ number: string, fareName: string, seat: string, passenger: { name: string } | null }> } | null, ticketChanges: Array<{ number: string, state: TicketChangeState, title: string, toPay: number, payBy: string | null, why: string }> };

export type VoucherSendMutationVariables = Exact<{
  number: string;
  order?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type VoucherSendMutation = { ticketVoucherSend: { errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type MailingChangeMutationVariables = Exact<{
  number: string;
  mailTo: AdmissionMailInput;
  token?: string | null | undefined;
}>;


export type MailingChangeMutation = { ticketMailingChange: { receiver: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type TextSendMutationVariables = Exact<{
  number: string;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type TextSendMutation = { ticketTextSend: { mobile: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type RefundQuoteFragment = { ticket: string, token: string, quantity: number, allowed: boolean, fee: number, back: number, words: Array<string>, validUntil: string, parts: Array<{ label: string, amount: number }> };

export type RefundPreviewMutationVariables = Exact<{
  tickets: Array<string> | string;
  quantities?: Array<number> | number | null | undefined;
  token?: string | null | undefined;
}>;


export type RefundPreviewMutation = { ticketRefundPreview: { fee: number | null, back: number | null, notice: string, quotes: Array<{ ticket: string, token: string, quantity: number, allowed: boolean, fee: number, back: number, words: Array<string>, validUntil: string, parts: Array<{ label: string, amount: number }> }>, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type RefundTicketsMutationVariables = Exact<{
  key: string;
  tickets: Array<TicketRefundInput> | TicketRefundInput;
  reason?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type RefundTicketsMutation = { ticketRefund: { words: string | null, quotes: Array<{ ticket: string, token: string, quantity: number, allowed: boolean, fee: number, back: number, words: Array<string>, validUntil: string, parts: Array<{ label: string, amount: number }> }>, refund: { number: string, title: string, due: number } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type RefundWithdrawMutationVariables = Exact<{
  number: string;
  token?: string | null | undefined;
}>;


export type RefundWithdrawMutation = { ticketRefundWithdraw: { refund: { number: string, state: TicketRefundState } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type ChangeQuoteFragment = { ticket: string, token: string, allowed: boolean, fee: number, back: number, toPay: number, words: Array<string>, insurance: string, validUntil: string };

export type ChangePreviewMutationVariables = Exact<{
  tickets: Array<string> | string;
  target: string;
  targetKey?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type ChangePreviewMutation = { ticketChangePreview: { fee: number | null, back: number | null, toPay: number | null, quotes: Array<{ ticket: string, token: string, allowed: boolean, fee: number, back: number, toPay: number, words: Array<string>, insurance: string, validUntil: string }>, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type ChangeTicketsMutationVariables = Exact<{
  key: string;
  tickets: Array<TicketChangeInput> | TicketChangeInput;
  target: string;
  targetKey?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type ChangeTicketsMutation = { ticketChange: { words: string | null, quotes: Array<{ ticket: string, token: string, allowed: boolean, fee: number, back: number, toPay: number, words: Array<string>, insurance: string, validUntil: string }>, change: { number: string, state: TicketChangeState, title: string, toPay: number, payBy: string | null, words: string } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type PostponedChooseMutationVariables = Exact<{
  number: string;
  choice: TicketPostponedChoice;
  key?: string | null | undefined;
  token?: string | null | undefined;
}>;


export type PostponedChooseMutation = { ticketPostponedChoose: { refundNumber: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type AdmissionsQueryVariables = Exact<{
  kinds?: Array<AdmissionKind> | AdmissionKind | null | undefined;
  search?: string | null | undefined;
  day?: string | null | undefined;
  skip?: number | null | undefined;
}>;


export type AdmissionsQuery = { admissionProducts: Array<{ code: string, name: string, title: string, kind: AdmissionKind, summary: string, priceFrom: number | null, onSale: boolean, place: { name: string, district: string, level: string, latitude: number | null, longitude: number | null } | null }> };

export type ClassLeftFragment = { code: string, name: string, category: string, price: number, left: number, open: boolean };

export type AdmissionQueryVariables = Exact<{
  code: string;
}>;


export type AdmissionQuery = { admissionProduct: { code: string, name: string, title: string, kind: AdmissionKind, summary: string, description: string, notices: string, onSale: boolean, queued: boolean, waitingHours: number | null, priceFrom: number | null, place: { name: string, district: string, level: string, address: string, phone: string, openingHours: string, traffic: string, notices: string, latitude: number | null, longitude: number | null } | null, places: Array<{ name: string, district: string, level: string, address: string, phone: string, openingHours: string, traffic: string, notices: string, latitude: number | null, longitude: number | null }>, classes: Array<{ code: string, name: string, audience: AdmissionAudience, include: string, people: number, ageFrom: number | null, ageBelow: number | null, documents: Array<string>, price: number, marketPrice: number | null, minPerOrder: number, maxPerOrder: number, validMode: AdmissionValidMode, validDays: number, realName: AdmissionRealName, exchangeMode: AdmissionExchangeMode, postage: number, mailDays: number | null, advance: string, category: string }>, calendar: Array<{ day: string, priceFrom: number | null, left: number, classes: Array<{ code: string, name: string, category: string, price: number, left: number, open: boolean }> }>, sessions: Array<{ id: string, name: string, startsAt: string, endsAt: string, opensAt: string, closesAt: string, postponedFrom: string | null, state: AdmissionSessionState, title: string, hall: string, seated: boolean, onSale: boolean, priceFrom: number | null, left: number, classes: Array<{ code: string, name: string, category: string, price: number, left: number, open: boolean }> }> } | null };

export type PlaceFactsFragment = { name: string, district: string, level: string, address: string, phone: string, openingHours: string, traffic: string, notices: string, latitude: number | null, longitude: number | null };

export type AdmissionSlotsQueryVariables = Exact<{
  code: string;
  day: string;
}>;


export type AdmissionSlotsQuery = { admissionProduct: { slots: Array<{ id: string, starts: string, ends: string, classes: Array<{ code: string, name: string, category: string, price: number, left: number, open: boolean }> }> } | null };

export type SeatMapQueryVariables = Exact<{
  id: string | number;
}>;


export type SeatMapQuery = { admissionSession: { id: string, title: string, startsAt: string, hall: string, onSale: boolean, categories: Array<{ code: string, name: string, colour: string }>, classes: Array<{ code: string, name: string, category: string, price: number, left: number, open: boolean }>, seats: Array<{ id: string, zone: string, line: number, place: number, label: string, category: string, free: boolean }> } | null };

export type FreeSeatsQueryVariables = Exact<{
  id: string | number;
}>;


export type FreeSeatsQuery = { admissionSession: { onSale: boolean, freeSeats: Array<string>, classes: Array<{ code: string, name: string, category: string, price: number, left: number, open: boolean }> } | null };

export type AdmissionHoldMutationVariables = Exact<{
  key: string;
  product: string;
  session?: string | number | null | undefined;
  slot?: string | number | null | undefined;
  day?: string | null | undefined;
  tickets: Array<AdmissionTicketInput> | AdmissionTicketInput;
  contact?: string | null | undefined;
  mobile: string;
  device?: string | null | undefined;
  waiting?: string | number | null | undefined;
  insteadOf?: string | null | undefined;
  proof?: string | null | undefined;
  mailTo?: AdmissionMailInput | null | undefined;
  mostTotal?: number | null | undefined;
  token?: string | null | undefined;
}>;


export type AdmissionHoldMutation = { admissionHold: { number: string | null, state: string | null, heldUntil: string | null, total: number | null, seats: Array<string> | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type AdmissionProofQueryVariables = Exact<{
  product: string;
  session?: string | number | null | undefined;
}>;


export type AdmissionProofQuery = { admissionProof: { challenge: string } | null };

export type QueueJoinMutationVariables = Exact<{
  product: string;
  proof?: string | null | undefined;
}>;


export type QueueJoinMutation = { admissionQueueJoin: { queue: { number: number, ahead: number, entersAt: string, until: string, isIn: boolean } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type WaitingRowFragment = { id: string, product: string, productCode: string, className: string, classCode: string, sessionId: string | null, slotId: string | null, startsAt: string | null, slotTime: string, day: string | null, quantity: number, state: AdmissionWaitingState, title: string, offeredUntil: string | null, orderNumber: string };

export type DrawRowFragment = { product: string, productCode: string, sessionId: string, sessionName: string, startsAt: string, classCode: string, className: string, units: number, mostEach: number, opensAt: string, closesAt: string, payHours: number, state: AdmissionDrawState, title: string, drawnAt: string | null, open: boolean, sellsFreely: boolean, seedDigest: string, seed: string | null, mine: { number: string, quantity: number, state: AdmissionDrawEntryState, title: string, place: number | null } | null };

export type DrawsQueryVariables = Exact<{
  product: string;
}>;


export type DrawsQuery = { admissionDraws: Array<{ product: string, productCode: string, sessionId: string, sessionName: string, startsAt: string, classCode: string, className: string, units: number, mostEach: number, opensAt: string, closesAt: string, payHours: number, state: AdmissionDrawState, title: string, drawnAt: string | null, open: boolean, sellsFreely: boolean, seedDigest: string, seed: string | null, mine: { number: string, quantity: number, state: AdmissionDrawEntryState, title: string, place: number | null } | null }> };

export type DrawEnterMutationVariables = Exact<{
  session: string | number;
  ticketClass: string;
  quantity: number;
}>;


export type DrawEnterMutation = { admissionDrawEnter: { quantity: number | null, closesAt: string | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type MyWaitingsQueryVariables = Exact<{ [key: string]: never; }>;


export type MyWaitingsQuery = { myAdmissionWaitings: Array<{ id: string, product: string, productCode: string, className: string, classCode: string, sessionId: string | null, slotId: string | null, startsAt: string | null, slotTime: string, day: string | null, quantity: number, state: AdmissionWaitingState, title: string, offeredUntil: string | null, orderNumber: string }>, myAdmissionDraws: Array<{ product: string, productCode: string, sessionId: string, sessionName: string, startsAt: string, classCode: string, className: string, units: number, mostEach: number, opensAt: string, closesAt: string, payHours: number, state: AdmissionDrawState, title: string, drawnAt: string | null, open: boolean, sellsFreely: boolean, seedDigest: string, seed: string | null, mine: { number: string, quantity: number, state: AdmissionDrawEntryState, title: string, place: number | null } | null }> };

export type AdmissionWaitMutationVariables = Exact<{
  product: string;
  ticketClass: string;
  quantity: number;
  session?: string | number | null | undefined;
  slot?: string | number | null | undefined;
  day?: string | null | undefined;
}>;


export type AdmissionWaitMutation = { admissionWait: { waiting: { id: string } | null, errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export type AdmissionWaitCancelMutationVariables = Exact<{
  id: string | number;
}>;


export type AdmissionWaitCancelMutation = { admissionWaitCancel: { errors: Array<{ code: string, field: string | null, message: string, hint: string | null }> } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const AddressCardFragmentDoc = new TypedDocumentString(`
    fragment AddressCard on Address {
  id
  firstName
  lastName
  phone
  countryArea
  city
  cityArea
  streetAddress1
  streetAddress2
  postalCode
  isDefaultShippingAddress
}
    `, {"fragmentName":"AddressCard"}) as unknown as TypedDocumentString<AddressCardFragment, unknown>;
export const AfterSaleCardFragmentDoc = new TypedDocumentString(`
    fragment AfterSaleCard on AfterSale {
  number
  kind
  state
  stateText
  reason
  text
  subOrderNumber
  amount
  freight
  agreed
  dueAt
  returnTo
  carrier
  waybill
  answer
  outcome
  outCarrier
  outWaybill
  createdAt
  endedAt
  lines {
    productName
    wanted
    quantity
    amount
  }
  complaint {
    number
    stateText
  }
}
    `, {"fragmentName":"AfterSaleCard"}) as unknown as TypedDocumentString<AfterSaleCardFragment, unknown>;
export const CashierStateFragmentDoc = new TypedDocumentString(`
    fragment CashierState on Cashier {
  due
  covered
  methods {
    method
    title
    offered
    remote
    prompt
    whyNot
    maxAmount
  }
  parts {
    method
    label
    amount
    ready
    state
  }
  paymentIntent {
    number
    state
    amount
    expiresAt
    paidAt
  }
}
    `, {"fragmentName":"CashierState"}) as unknown as TypedDocumentString<CashierStateFragment, unknown>;
export const ProductCardFragmentDoc = new TypedDocumentString(`
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}
    `, {"fragmentName":"ProductCard"}) as unknown as TypedDocumentString<ProductCardFragment, unknown>;
export const LikedFragmentDoc = new TypedDocumentString(`
    fragment Liked on MemberGoods {
  at
  product {
    ...ProductCard
  }
}
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}`, {"fragmentName":"Liked"}) as unknown as TypedDocumentString<LikedFragment, unknown>;
export const StationFactsFragmentDoc = new TypedDocumentString(`
    fragment StationFacts on CoachStation {
  code
  name
  city
  county
  pinyin
  initials
}
    `, {"fragmentName":"StationFacts"}) as unknown as TypedDocumentString<StationFactsFragment, unknown>;
export const CouponCardFragmentDoc = new TypedDocumentString(`
    fragment CouponCard on Coupon {
  number
  title
  terms
  note
  scope
  kind
  state
  stateLabel
  validFrom
  validUntil
  usedAt
  orderNumber
}
    `, {"fragmentName":"CouponCard"}) as unknown as TypedDocumentString<CouponCardFragment, unknown>;
export const PointsMoveFragmentDoc = new TypedDocumentString(`
    fragment PointsMove on PointsLine {
  id
  title
  amount
  balanceAfter
  owed
  place
  note
  at
}
    `, {"fragmentName":"PointsMove"}) as unknown as TypedDocumentString<PointsMoveFragment, unknown>;
export const PlanFragmentDoc = new TypedDocumentString(`
    fragment Plan on MembershipPlan {
  code
  name
  kind
  rank
  months
  price
  agreement
  note
  variantId
}
    `, {"fragmentName":"Plan"}) as unknown as TypedDocumentString<PlanFragment, unknown>;
export const OrderHeadFragmentDoc = new TypedDocumentString(`
    fragment OrderHead on MyOrder {
  number
  token
  line
  lineLabel
  state
  stateLabel
  cancelLabel
  total
  refunded
  placedAt
  payBy
  actions
  subOrders {
    id
    number
    seller
    modeLabel
    mode
    state
    stateLabel
    goods
    discount
    shipping
    prepaid
    total
    receiveBy
    afterSaleUntil
    actions
    lines {
      productId
      productName
      variantName
      quantity
      shipped
      withdrawn
      unitPrice
      total
    }
  }
}
    `, {"fragmentName":"OrderHead"}) as unknown as TypedDocumentString<OrderHeadFragment, unknown>;
export const MallOfferFragmentDoc = new TypedDocumentString(`
    fragment MallOffer on PointsMallOffer {
  code
  title
  points
  yuan
  price
  note
  left
  perMember
  period
  periodLabel
  level
  unit
  closesAt
  mine
  short
  refusal
  variant {
    id
    product {
      id
      thumbnail(size: 510) {
        url
      }
      productType {
        isShippingRequired
      }
    }
  }
}
    `, {"fragmentName":"MallOffer"}) as unknown as TypedDocumentString<MallOfferFragment, unknown>;
export const TicketHeadFragmentDoc = new TypedDocumentString(`
    fragment TicketHead on TicketOrder {
  number
  trade
  state
  stateLabel
  outcomeLabel
  title
  startsAt
  endsAt
  heldUntil
  total
  orderNumber
  tickets {
    number
    state
    stateLabel
    fareName
    seat
    price
  }
}
    `, {"fragmentName":"TicketHead"}) as unknown as TypedDocumentString<TicketHeadFragment, unknown>;
export const TicketFactsFragmentDoc = new TypedDocumentString(`
    fragment TicketFacts on Ticket {
  segment {
    position
    title
  }
  number
  state
  stateLabel
  fare
  fareName
  seat
  price
  service
  parts {
    label
    amount
  }
  uses
  used
  back
  carriedBy
  theirNumber
  collectedAt
  refundRule
  changeRule
  passenger {
    name
    document
    number
    type
  }
}
    `, {"fragmentName":"TicketFacts"}) as unknown as TypedDocumentString<TicketFactsFragment, unknown>;
export const VoucherFactsFragmentDoc = new TypedDocumentString(`
    fragment VoucherFacts on TicketVoucher {
  number
  orderNumber
  title
  code
  standing
  validFrom
  validUntil
  uses
  used
  left
  unlimited
  needsDocument
  voidWhy
  pdfUrl
  kept {
    qr
    rotating
    secret
    step
    digits
  }
  theirCodes {
    code
    qr
  }
  paper {
    way
    words
    exchangeQr
    exchangedAt
    where
    carrier
    waybill
    sentAt
    receiver
    addressOpen
  }
}
    `, {"fragmentName":"VoucherFacts"}) as unknown as TypedDocumentString<VoucherFactsFragment, unknown>;
export const RefundQuoteFragmentDoc = new TypedDocumentString(`
    fragment RefundQuote on TicketRefundQuote {
  ticket
  token
  quantity
  allowed
  fee
  back
  words
  validUntil
  parts {
    label
    amount
  }
}
    `, {"fragmentName":"RefundQuote"}) as unknown as TypedDocumentString<RefundQuoteFragment, unknown>;
export const ChangeQuoteFragmentDoc = new TypedDocumentString(`
    fragment ChangeQuote on TicketChangeQuote {
  ticket
  token
  allowed
  fee
  back
  toPay
  words
  insurance
  validUntil
}
    `, {"fragmentName":"ChangeQuote"}) as unknown as TypedDocumentString<ChangeQuoteFragment, unknown>;
export const ClassLeftFragmentDoc = new TypedDocumentString(`
    fragment ClassLeft on AdmissionClassLeft {
  code
  name
  category
  price
  left
  open
}
    `, {"fragmentName":"ClassLeft"}) as unknown as TypedDocumentString<ClassLeftFragment, unknown>;
export const PlaceFactsFragmentDoc = new TypedDocumentString(`
    fragment PlaceFacts on AdmissionPlace {
  name
  district
  level
  address
  phone
  openingHours
  traffic
  notices
  latitude
  longitude
}
    `, {"fragmentName":"PlaceFacts"}) as unknown as TypedDocumentString<PlaceFactsFragment, unknown>;
export const WaitingRowFragmentDoc = new TypedDocumentString(`
    fragment WaitingRow on AdmissionWaiting {
  id
  product
  productCode
  className
  classCode
  sessionId
  slotId
  startsAt
  slotTime
  day
  quantity
  state
  title
  offeredUntil
  orderNumber
}
    `, {"fragmentName":"WaitingRow"}) as unknown as TypedDocumentString<WaitingRowFragment, unknown>;
export const DrawRowFragmentDoc = new TypedDocumentString(`
    fragment DrawRow on AdmissionDraw {
  product
  productCode
  sessionId
  sessionName
  startsAt
  classCode
  className
  units
  mostEach
  opensAt
  closesAt
  payHours
  state
  title
  drawnAt
  open
  sellsFreely
  seedDigest
  seed
  mine {
    number
    quantity
    state
    title
    place
  }
}
    `, {"fragmentName":"DrawRow"}) as unknown as TypedDocumentString<DrawRowFragment, unknown>;
export const AddressesDocument = new TypedDocumentString(`
    query Addresses {
  me {
    addresses {
      ...AddressCard
    }
  }
}
    fragment AddressCard on Address {
  id
  firstName
  lastName
  phone
  countryArea
  city
  cityArea
  streetAddress1
  streetAddress2
  postalCode
  isDefaultShippingAddress
}`) as unknown as TypedDocumentString<AddressesQuery, AddressesQueryVariables>;
export const RegionsDocument = new TypedDocumentString(`
    query Regions($province: String, $city: String) {
  addressValidationRules(countryCode: CN, countryArea: $province, city: $city) {
    countryAreaChoices {
      raw
      verbose
    }
    cityChoices {
      raw
      verbose
    }
    cityAreaChoices {
      raw
      verbose
    }
    postalCodeExamples
  }
}
    `) as unknown as TypedDocumentString<RegionsQuery, RegionsQueryVariables>;
export const AddressCreateDocument = new TypedDocumentString(`
    mutation AddressCreate($input: AddressInput!) {
  accountAddressCreate(input: $input) {
    address {
      ...AddressCard
    }
    accountErrors {
      field
      message
      code
    }
  }
}
    fragment AddressCard on Address {
  id
  firstName
  lastName
  phone
  countryArea
  city
  cityArea
  streetAddress1
  streetAddress2
  postalCode
  isDefaultShippingAddress
}`) as unknown as TypedDocumentString<AddressCreateMutation, AddressCreateMutationVariables>;
export const AddressUpdateDocument = new TypedDocumentString(`
    mutation AddressUpdate($id: ID!, $input: AddressInput!) {
  accountAddressUpdate(id: $id, input: $input) {
    address {
      ...AddressCard
    }
    accountErrors {
      field
      message
      code
    }
  }
}
    fragment AddressCard on Address {
  id
  firstName
  lastName
  phone
  countryArea
  city
  cityArea
  streetAddress1
  streetAddress2
  postalCode
  isDefaultShippingAddress
}`) as unknown as TypedDocumentString<AddressUpdateMutation, AddressUpdateMutationVariables>;
export const AddressDeleteDocument = new TypedDocumentString(`
    mutation AddressDelete($id: ID!) {
  accountAddressDelete(id: $id) {
    accountErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AddressDeleteMutation, AddressDeleteMutationVariables>;
export const AddressDefaultDocument = new TypedDocumentString(`
    mutation AddressDefault($id: ID!) {
  accountSetDefaultAddress(id: $id, type: SHIPPING) {
    accountErrors {
      field
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AddressDefaultMutation, AddressDefaultMutationVariables>;
export const MeDocument = new TypedDocumentString(`
    query Me {
  myMember {
    number
    name
    mobile
    homeUnit
    homeUnitCode
    hasPassword
    registeredAt
    identities {
      id
      kind
      masked
      isPrimary
      boundAt
    }
  }
}
    `) as unknown as TypedDocumentString<MeQuery, MeQueryVariables>;
export const OwnMobileDocument = new TypedDocumentString(`
    query OwnMobile {
  myMember {
    mobile
  }
}
    `) as unknown as TypedDocumentString<OwnMobileQuery, OwnMobileQueryVariables>;
export const SessionsDocument = new TypedDocumentString(`
    query Sessions {
  myMemberSessions {
    id
    current
    device
    ip
    seenAt
    startedAt
    way
  }
}
    `) as unknown as TypedDocumentString<SessionsQuery, SessionsQueryVariables>;
export const AgreementDocument = new TypedDocumentString(`
    query Agreement {
  memberAgreement
}
    `) as unknown as TypedDocumentString<AgreementQuery, AgreementQueryVariables>;
export const AgreementTextDocument = new TypedDocumentString(`
    query AgreementText {
  memberAgreementText
}
    `) as unknown as TypedDocumentString<AgreementTextQuery, AgreementTextQueryVariables>;
export const CodeSendDocument = new TypedDocumentString(`
    mutation CodeSend($mobile: String, $purpose: MemberCodePurpose!, $device: MemberDeviceInput) {
  memberCodeSend(mobile: $mobile, purpose: $purpose, device: $device) {
    ticket
    againAfter
    errors {
      field
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<CodeSendMutation, CodeSendMutationVariables>;
export const SignInDocument = new TypedDocumentString(`
    mutation SignIn($mobile: String!, $code: String!, $agreement: String, $device: MemberDeviceInput) {
  memberSignIn(
    mobile: $mobile
    code: $code
    agreement: $agreement
    device: $device
  ) {
    token
    created
    errors {
      field
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<SignInMutation, SignInMutationVariables>;
export const PasswordSignInDocument = new TypedDocumentString(`
    mutation PasswordSignIn($login: String!, $password: String!, $device: MemberDeviceInput) {
  memberPasswordSignIn(login: $login, password: $password, device: $device) {
    token
    errors {
      field
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<PasswordSignInMutation, PasswordSignInMutationVariables>;
export const PasswordSetDocument = new TypedDocumentString(`
    mutation PasswordSet($password: String!, $code: String, $device: MemberDeviceInput) {
  memberPasswordSet(password: $password, code: $code, device: $device) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PasswordSetMutation, PasswordSetMutationVariables>;
export const SignOutDocument = new TypedDocumentString(`
    mutation SignOut($everywhere: Boolean!) {
  memberSignOut(everywhere: $everywhere) {
    ended
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<SignOutMutation, SignOutMutationVariables>;
export const SessionEndDocument = new TypedDocumentString(`
    mutation SessionEnd($id: ID!) {
  memberSessionEnd(id: $id) {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<SessionEndMutation, SessionEndMutationVariables>;
export const WechatStartDocument = new TypedDocumentString(`
    mutation WechatStart($page: String!) {
  wechatLoginStart(returnTo: $page) {
    url
    browserKey
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<WechatStartMutation, WechatStartMutationVariables>;
export const WechatFinishDocument = new TypedDocumentString(`
    mutation WechatFinish($code: String!, $state: String!, $key: String!, $agreement: String, $device: String) {
  wechatLogin(
    code: $code
    state: $state
    browserKey: $key
    agreement: $agreement
    deviceKey: $device
  ) {
    token
    created
    follows
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<WechatFinishMutation, WechatFinishMutationVariables>;
export const WechatPayerDocument = new TypedDocumentString(`
    mutation WechatPayer($code: String!, $state: String!, $key: String!) {
  wechatPayer(code: $code, state: $state, browserKey: $key) {
    payerPass
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<WechatPayerMutation, WechatPayerMutationVariables>;
export const JsConfigDocument = new TypedDocumentString(`
    query JsConfig($url: String!) {
  wechatJsConfig(url: $url) {
    appId
    timestamp
    nonceStr
    signature
  }
}
    `) as unknown as TypedDocumentString<JsConfigQuery, JsConfigQueryVariables>;
export const QrScanDocument = new TypedDocumentString(`
    mutation QrScan($content: String!) {
  memberQrScan(content: $content) {
    device
    ip
    match
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<QrScanMutation, QrScanMutationVariables>;
export const QrDecideDocument = new TypedDocumentString(`
    mutation QrDecide($content: String!, $accept: Boolean!) {
  memberQrDecide(content: $content, accept: $accept) {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<QrDecideMutation, QrDecideMutationVariables>;
export const AfterSaleOfferDocument = new TypedDocumentString(`
    query AfterSaleOffer($part: String!) {
  afterSaleOffer(subOrderNumber: $part) {
    subOrderNumber
    mayApply
    mayReturn
    until
    freight
    repairUntil
    lines {
      lineId
      productName
      quantity
      returnable
      amount
      isOpen
    }
    swaps {
      lineId
      variantId
      name
      inStock
    }
  }
}
    `) as unknown as TypedDocumentString<AfterSaleOfferQuery, AfterSaleOfferQueryVariables>;
export const MyAfterSalesDocument = new TypedDocumentString(`
    query MyAfterSales($skip: Int) {
  myAfterSales(first: 20, skip: $skip) {
    ...AfterSaleCard
  }
}
    fragment AfterSaleCard on AfterSale {
  number
  kind
  state
  stateText
  reason
  text
  subOrderNumber
  amount
  freight
  agreed
  dueAt
  returnTo
  carrier
  waybill
  answer
  outcome
  outCarrier
  outWaybill
  createdAt
  endedAt
  lines {
    productName
    wanted
    quantity
    amount
  }
  complaint {
    number
    stateText
  }
}`) as unknown as TypedDocumentString<MyAfterSalesQuery, MyAfterSalesQueryVariables>;
export const MyAfterSaleDocument = new TypedDocumentString(`
    query MyAfterSale($number: String!) {
  myAfterSale(number: $number) {
    ...AfterSaleCard
  }
}
    fragment AfterSaleCard on AfterSale {
  number
  kind
  state
  stateText
  reason
  text
  subOrderNumber
  amount
  freight
  agreed
  dueAt
  returnTo
  carrier
  waybill
  answer
  outcome
  outCarrier
  outWaybill
  createdAt
  endedAt
  lines {
    productName
    wanted
    quantity
    amount
  }
  complaint {
    number
    stateText
  }
}`) as unknown as TypedDocumentString<MyAfterSaleQuery, MyAfterSaleQueryVariables>;
export const AfterSaleApplyDocument = new TypedDocumentString(`
    mutation AfterSaleApply($input: AfterSaleInput!, $key: String!, $photos: [Upload!]) {
  afterSaleApply(input: $input, key: $key, photos: $photos) {
    afterSale {
      number
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AfterSaleApplyMutation, AfterSaleApplyMutationVariables>;
export const AfterSaleWithdrawDocument = new TypedDocumentString(`
    mutation AfterSaleWithdraw($number: String!) {
  afterSaleWithdraw(number: $number) {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AfterSaleWithdrawMutation, AfterSaleWithdrawMutationVariables>;
export const AfterSaleShipBackDocument = new TypedDocumentString(`
    mutation AfterSaleShipBack($number: String!, $carrier: String!, $waybill: String!) {
  afterSaleShipBack(number: $number, carrier: $carrier, waybill: $waybill) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<AfterSaleShipBackMutation, AfterSaleShipBackMutationVariables>;
export const ComplaintCreateDocument = new TypedDocumentString(`
    mutation ComplaintCreate($key: String!, $part: String!, $topic: ComplaintTopic!, $text: String!, $photos: [Upload!]) {
  complaintCreate(
    key: $key
    subOrderNumber: $part
    topic: $topic
    text: $text
    photos: $photos
  ) {
    complaint {
      number
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ComplaintCreateMutation, ComplaintCreateMutationVariables>;
export const MyComplaintsDocument = new TypedDocumentString(`
    query MyComplaints {
  myComplaints(first: 20) {
    number
    topic
    stateText
    subOrderNumber
    createdAt
    ruling
    statements {
      party
      text
      at
    }
  }
}
    `) as unknown as TypedDocumentString<MyComplaintsQuery, MyComplaintsQueryVariables>;
export const BasketGoodsDocument = new TypedDocumentString(`
    query BasketGoods($ids: [ID!]!) {
  productVariants(ids: $ids, first: 100) {
    edges {
      node {
        id
        name
        quantityAvailable
        pricing {
          price {
            gross {
              amount
            }
          }
        }
        product {
          id
          name
          isAvailable
          thumbnail(size: 255) {
            url
          }
          productType {
            isShippingRequired
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BasketGoodsQuery, BasketGoodsQueryVariables>;
export const QuoteDocument = new TypedDocumentString(`
    query Quote($input: BasketInput!) {
  basketQuote(input: $input) {
    errors {
      code
      field
      message
      hint
    }
    quote {
      lines {
        quantity
        variant {
          id
        }
        total {
          gross {
            amount
          }
        }
      }
      shippingMethods {
        id
        name
        price {
          amount
        }
      }
      pickupMethods
      needsAddress
      subtotal {
        gross {
          amount
        }
      }
      shipping {
        gross {
          amount
        }
      }
      discount {
        amount
      }
      deductions {
        source
        sourceLabel
        reference
        title
        amount
        shipping
        lines {
          variantId
          amount
        }
      }
      total {
        gross {
          amount
        }
      }
      errors {
        code
        field
        message
        hint
      }
    }
  }
}
    `) as unknown as TypedDocumentString<QuoteQuery, QuoteQueryVariables>;
export const PlaceDocument = new TypedDocumentString(`
    mutation Place($key: String!, $input: BasketInput!, $expected: Decimal!) {
  orderPlace(
    key: $key
    input: $input
    gateway: "o2o.wechat_pay"
    expectedTotal: $expected
  ) {
    number
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PlaceMutation, PlaceMutationVariables>;
export const CashierOfDocument = new TypedDocumentString(`
    query CashierOf($token: String!) {
  cashier(orderToken: $token) {
    ...CashierState
  }
}
    fragment CashierState on Cashier {
  due
  covered
  methods {
    method
    title
    offered
    remote
    prompt
    whyNot
    maxAmount
  }
  parts {
    method
    label
    amount
    ready
    state
  }
  paymentIntent {
    number
    state
    amount
    expiresAt
    paidAt
  }
}`) as unknown as TypedDocumentString<CashierOfQuery, CashierOfQueryVariables>;
export const PaymentStateDocument = new TypedDocumentString(`
    query PaymentState($token: String!) {
  paymentIntent(orderToken: $token) {
    number
    state
    amount
    expiresAt
    paidAt
  }
}
    `) as unknown as TypedDocumentString<PaymentStateQuery, PaymentStateQueryVariables>;
export const PayStartDocument = new TypedDocumentString(`
    mutation PayStart($token: String!, $method: PayMethod!, $payerId: String, $payerPass: String) {
  paymentStart(
    orderToken: $token
    method: $method
    payerId: $payerId
    payerPass: $payerPass
  ) {
    h5Url
    codeUrl
    jsapi {
      appId
      timeStamp
      nonceStr
      package
      signType
      paySign
    }
    paymentIntent {
      state
      expiresAt
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PayStartMutation, PayStartMutationVariables>;
export const PayComposeDocument = new TypedDocumentString(`
    mutation PayCompose($token: String!, $parts: [PaymentPartInput!]!) {
  paymentCompose(orderToken: $token, parts: $parts) {
    cashier {
      ...CashierState
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    fragment CashierState on Cashier {
  due
  covered
  methods {
    method
    title
    offered
    remote
    prompt
    whyNot
    maxAmount
  }
  parts {
    method
    label
    amount
    ready
    state
  }
  paymentIntent {
    number
    state
    amount
    expiresAt
    paidAt
  }
}`) as unknown as TypedDocumentString<PayComposeMutation, PayComposeMutationVariables>;
export const CategoriesDocument = new TypedDocumentString(`
    query Categories {
  categories(first: 50, level: 0) {
    edges {
      node {
        id
        name
        backgroundImage(size: 255) {
          url
        }
        children(first: 50) {
          edges {
            node {
              id
              name
            }
          }
        }
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CategoriesQuery, CategoriesQueryVariables>;
export const HomeDocument = new TypedDocumentString(`
    query Home {
  shop {
    name
    description
    homepageCollection {
      id
      name
      products(first: 6) {
        edges {
          node {
            ...ProductCard
          }
        }
      }
    }
  }
}
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}`) as unknown as TypedDocumentString<HomeQuery, HomeQueryVariables>;
export const ProductsDocument = new TypedDocumentString(`
    query Products($filter: ProductFilterInput, $sortBy: ProductOrder, $first: Int!, $after: String) {
  products(filter: $filter, sortBy: $sortBy, first: $first, after: $after) {
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
    edges {
      node {
        ...ProductCard
      }
    }
  }
}
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}`) as unknown as TypedDocumentString<ProductsQuery, ProductsQueryVariables>;
export const ProductDetailDocument = new TypedDocumentString(`
    query ProductDetail($id: ID!) {
  product(id: $id) {
    ...ProductCard
    description
    descriptionJson
    category {
      id
      name
    }
    images {
      id
      url(size: 1080)
      alt
    }
    attributes {
      attribute {
        id
        name
      }
      values {
        id
        name
      }
    }
    variants {
      id
      name
      sku
      quantityAvailable
      memberPrice {
        amount
        title
      }
      pricing {
        price {
          gross {
            amount
          }
        }
        priceUndiscounted {
          gross {
            amount
          }
        }
      }
      attributes {
        attribute {
          id
          name
        }
        values {
          id
          name
        }
      }
      images {
        url(size: 255)
      }
    }
  }
}
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}`) as unknown as TypedDocumentString<ProductDetailQuery, ProductDetailQueryVariables>;
export const FavouritesDocument = new TypedDocumentString(`
    query Favourites {
  myFavourites {
    ...Liked
  }
}
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}
fragment Liked on MemberGoods {
  at
  product {
    ...ProductCard
  }
}`) as unknown as TypedDocumentString<FavouritesQuery, FavouritesQueryVariables>;
export const FootprintsDocument = new TypedDocumentString(`
    query Footprints {
  myFootprints {
    ...Liked
  }
}
    fragment ProductCard on Product {
  id
  name
  isAvailable
  memberPrice {
    amount
    title
  }
  thumbnail(size: 510) {
    url
  }
  pricing {
    onSale
    priceRange {
      start {
        gross {
          amount
        }
      }
      stop {
        gross {
          amount
        }
      }
    }
    priceRangeUndiscounted {
      start {
        gross {
          amount
        }
      }
    }
  }
}
fragment Liked on MemberGoods {
  at
  product {
    ...ProductCard
  }
}`) as unknown as TypedDocumentString<FootprintsQuery, FootprintsQueryVariables>;
export const FavouriteIdsDocument = new TypedDocumentString(`
    query FavouriteIds {
  myFavourites {
    product {
      id
    }
  }
}
    `) as unknown as TypedDocumentString<FavouriteIdsQuery, FavouriteIdsQueryVariables>;
export const FavouriteSetDocument = new TypedDocumentString(`
    mutation FavouriteSet($id: ID!, $favourite: Boolean!) {
  memberFavouriteSet(productId: $id, favourite: $favourite) {
    favourite
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<FavouriteSetMutation, FavouriteSetMutationVariables>;
export const FootprintAddDocument = new TypedDocumentString(`
    mutation FootprintAdd($id: ID!) {
  memberFootprintAdd(productId: $id) {
    errors {
      code
    }
  }
}
    `) as unknown as TypedDocumentString<FootprintAddMutation, FootprintAddMutationVariables>;
export const FootprintsClearDocument = new TypedDocumentString(`
    mutation FootprintsClear {
  memberFootprintsClear {
    cleared
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<FootprintsClearMutation, FootprintsClearMutationVariables>;
export const CoachStationsDocument = new TypedDocumentString(`
    query CoachStations($search: String) {
  coachStations(search: $search) {
    ...StationFacts
  }
}
    fragment StationFacts on CoachStation {
  code
  name
  city
  county
  pinyin
  initials
}`) as unknown as TypedDocumentString<CoachStationsQuery, CoachStationsQueryVariables>;
export const CoachDestinationsDocument = new TypedDocumentString(`
    query CoachDestinations($start: String!, $search: String) {
  coachDestinations(start: $start, search: $search) {
    ...StationFacts
  }
}
    fragment StationFacts on CoachStation {
  code
  name
  city
  county
  pinyin
  initials
}`) as unknown as TypedDocumentString<CoachDestinationsQuery, CoachDestinationsQueryVariables>;
export const CoachDaysDocument = new TypedDocumentString(`
    query CoachDays($start: String!, $goal: String!) {
  coachStations(search: $start) {
    code
    lastDay
  }
  coachDestinations(start: $start, search: $goal) {
    code
    firstDay
  }
}
    `) as unknown as TypedDocumentString<CoachDaysQuery, CoachDaysQueryVariables>;
export const CoachShiftsDocument = new TypedDocumentString(`
    query CoachShifts($start: String!, $goal: String!, $day: Date) {
  coachShifts(start: $start, goal: $goal, day: $day) {
    day
    errors {
      code
      field
      message
      hint
      retryAfter
    }
    shifts {
      id
      number
      departs
      last
      arrives
      minutes
      kilometres
      flow
      extra
      vehicle
      left
      leftWords
      terminal
      start {
        code
        name
      }
      goal {
        code
        name
      }
      fares {
        fare
        name
        price
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CoachShiftsQuery, CoachShiftsQueryVariables>;
export const CoachShiftDocument = new TypedDocumentString(`
    query CoachShift($id: ID!, $goal: String!) {
  coachShift(id: $id, goal: $goal) {
    id
    number
    day
    departs
    last
    arrives
    minutes
    kilometres
    flow
    extra
    vehicle
    gate
    left
    leftWords
    stopsAt
    terminal
    refundWords
    changeWords
    start {
      code
      name
      address
      needsId
      eTicket
      fares
      pickModes
    }
    goal {
      code
      name
    }
    fares {
      fare
      name
      face
      service
      price
      parts {
        label
        amount
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CoachShiftQuery, CoachShiftQueryVariables>;
export const CoachHoldDocument = new TypedDocumentString(`
    mutation CoachHold($key: String!, $shift: ID!, $goal: String!, $passengers: [CoachPassengerInput!]!, $contact: String, $mobile: String!, $mostTotal: Decimal, $seats: [String!], $insteadOf: String, $token: String) {
  coachHold(
    key: $key
    shift: $shift
    goal: $goal
    passengers: $passengers
    contact: $contact
    mobile: $mobile
    mostTotal: $mostTotal
    seats: $seats
    insteadOf: $insteadOf
    token: $token
  ) {
    number
    state
    heldUntil
    total
    seats
    errors {
      code
      field
      message
      hint
      retryAfter
      total
    }
  }
}
    `) as unknown as TypedDocumentString<CoachHoldMutation, CoachHoldMutationVariables>;
export const CoachInvoiceWishDocument = new TypedDocumentString(`
    mutation CoachInvoiceWish($number: String!, $title: String!, $taxNumber: String, $email: String, $token: String) {
  coachInvoiceAsk(
    number: $number
    title: $title
    taxNumber: $taxNumber
    email: $email
    token: $token
  ) {
    invoice {
      title
      amount
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<CoachInvoiceWishMutation, CoachInvoiceWishMutationVariables>;
export const CoachSeatsDocument = new TypedDocumentString(`
    query CoachSeats($shift: ID!, $goal: String!) {
  coachSeats(shift: $shift, goal: $goal) {
    seats {
      number
      state
    }
    errors {
      code
      field
      message
      hint
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<CoachSeatsQuery, CoachSeatsQueryVariables>;
export const CoachPassesDocument = new TypedDocumentString(`
    query CoachPasses($number: String!, $key: String, $token: String) {
  coachPasses(orderNumber: $number, key: $key, token: $token) {
    ticket
    orderNumber
    code
    state
    stateLabel
    fareName
    seat
    passenger
    start
    goal
    shift
    gate
    departs
    last
  }
}
    `) as unknown as TypedDocumentString<CoachPassesQuery, CoachPassesQueryVariables>;
export const LaterBusesDocument = new TypedDocumentString(`
    query LaterBuses($number: String!, $token: String) {
  coachLaterBuses(orderNumber: $number, token: $token) {
    buses {
      id
      number
      departs
      left
      fees {
        ticket
        allowed
        fee
        toPay
        back
        words
      }
    }
    errors {
      code
      field
      message
      hint
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<LaterBusesQuery, LaterBusesQueryVariables>;
export const MissedChangeDocument = new TypedDocumentString(`
    mutation MissedChange($key: String!, $number: String!, $tickets: [String!]!, $shift: ID!, $expected: Decimal!, $token: String) {
  coachMissedChange(
    key: $key
    orderNumber: $number
    tickets: $tickets
    shift: $shift
    expected: $expected
    token: $token
  ) {
    change {
      number
      state
      target
      toPay
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<MissedChangeMutation, MissedChangeMutationVariables>;
export const CouponCentreDocument = new TypedDocumentString(`
    query CouponCentre {
  couponCentre {
    id
    title
    terms
    note
    scope
    kind
    validUntil
    validDays
    endsAt
    gone
    mine
    perMember
  }
}
    `) as unknown as TypedDocumentString<CouponCentreQuery, CouponCentreQueryVariables>;
export const MyCouponsDocument = new TypedDocumentString(`
    query MyCoupons($state: CouponState!) {
  myCoupons(state: $state) {
    ...CouponCard
  }
}
    fragment CouponCard on Coupon {
  number
  title
  terms
  note
  scope
  kind
  state
  stateLabel
  validFrom
  validUntil
  usedAt
  orderNumber
}`) as unknown as TypedDocumentString<MyCouponsQuery, MyCouponsQueryVariables>;
export const CouponCountDocument = new TypedDocumentString(`
    query CouponCount {
  myCoupons(state: UNUSED) {
    number
  }
}
    `) as unknown as TypedDocumentString<CouponCountQuery, CouponCountQueryVariables>;
export const CouponClaimDocument = new TypedDocumentString(`
    mutation CouponClaim($id: ID!, $key: String!) {
  couponClaim(id: $id, key: $key) {
    coupons {
      number
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<CouponClaimMutation, CouponClaimMutationVariables>;
export const BasketCouponsDocument = new TypedDocumentString(`
    query BasketCoupons($input: BasketInput!) {
  basketCoupons(input: $input) {
    best
    bestSaves
    usable {
      saves
      coupon {
        ...CouponCard
      }
    }
    others {
      refusal
      coupon {
        ...CouponCard
      }
    }
  }
}
    fragment CouponCard on Coupon {
  number
  title
  terms
  note
  scope
  kind
  state
  stateLabel
  validFrom
  validUntil
  usedAt
  orderNumber
}`) as unknown as TypedDocumentString<BasketCouponsQuery, BasketCouponsQueryVariables>;
export const CouponScanDocument = new TypedDocumentString(`
    mutation CouponScan($code: String!) {
  couponScan(code: $code) {
    coupons {
      title
    }
    fresh
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<CouponScanMutation, CouponScanMutationVariables>;
export const WalletDocument = new TypedDocumentString(`
    query Wallet {
  myLoyalty {
    standing {
      points
      owed
      expiring
      expiringDay
    }
    rung {
      level {
        code
        name
      }
      growth
      missing
      following {
        name
      }
    }
    signed {
      today
      days
    }
    balance {
      amount
      isFrozen
    }
  }
}
    `) as unknown as TypedDocumentString<WalletQuery, WalletQueryVariables>;
export const PointsStandingDocument = new TypedDocumentString(`
    query PointsStanding {
  myLoyalty {
    standing {
      points
      owed
      expiring
      expiringDay
    }
    signed {
      today
      days
    }
    lots(first: 50) {
      left
      lastDay
    }
  }
}
    `) as unknown as TypedDocumentString<PointsStandingQuery, PointsStandingQueryVariables>;
export const PointsMovesDocument = new TypedDocumentString(`
    query PointsMoves($skip: Int!) {
  myLoyalty {
    lines(first: 20, skip: $skip) {
      ...PointsMove
    }
  }
}
    fragment PointsMove on PointsLine {
  id
  title
  amount
  balanceAfter
  owed
  place
  note
  at
}`) as unknown as TypedDocumentString<PointsMovesQuery, PointsMovesQueryVariables>;
export const GrowthMovesDocument = new TypedDocumentString(`
    query GrowthMoves($skip: Int!) {
  myLoyalty {
    growthLines(first: 20, skip: $skip) {
      ...PointsMove
    }
  }
}
    fragment PointsMove on PointsLine {
  id
  title
  amount
  balanceAfter
  owed
  place
  note
  at
}`) as unknown as TypedDocumentString<GrowthMovesQuery, GrowthMovesQueryVariables>;
export const BalanceMovesDocument = new TypedDocumentString(`
    query BalanceMoves($skip: Int!) {
  myLoyalty {
    balanceLines(first: 20, skip: $skip) {
      id
      title
      amount
      balanceAfter
      owed
      place
      note
      at
    }
  }
}
    `) as unknown as TypedDocumentString<BalanceMovesQuery, BalanceMovesQueryVariables>;
export const RungDocument = new TypedDocumentString(`
    query Rung {
  myLoyalty {
    rung {
      level {
        code
        name
      }
      growth
      until
      missing
      following {
        code
        name
        threshold
      }
    }
  }
  loyaltyLevels {
    code
    name
    threshold
    pointsPercent
    note
  }
}
    `) as unknown as TypedDocumentString<RungQuery, RungQueryVariables>;
export const BalanceOfDocument = new TypedDocumentString(`
    query BalanceOf {
  myLoyalty {
    balance {
      amount
      isFrozen
    }
  }
  rechargePackages {
    variantId
    amount
    bonus
    note
  }
}
    `) as unknown as TypedDocumentString<BalanceOfQuery, BalanceOfQueryVariables>;
export const SignInDailyDocument = new TypedDocumentString(`
    mutation SignInDaily {
  pointsSignIn {
    points
    growth
    days
    first
    errors {
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<SignInDailyMutation, SignInDailyMutationVariables>;
export const MembershipsDocument = new TypedDocumentString(`
    query Memberships {
  membershipPlans {
    ...Plan
  }
  myMemberships {
    number
    state
    title
    startsAt
    lastDay
    daysLeft
    plate
    needsVehicle
    plan {
      ...Plan
    }
    benefits {
      code
      name
      kind
      note
      period
      quota
      used
      left
      percent
    }
    cards {
      id
      number
      state
      title
    }
    terms {
      id
      title
      startsAt
      lastDay
      paid
      isVoid
      refundable
      refundRefusal
      plan {
        name
      }
    }
  }
}
    fragment Plan on MembershipPlan {
  code
  name
  kind
  rank
  months
  price
  agreement
  note
  variantId
}`) as unknown as TypedDocumentString<MembershipsQuery, MembershipsQueryVariables>;
export const MembershipWishDocument = new TypedDocumentString(`
    mutation MembershipWish($plan: String!, $agreement: String!, $vehicleId: ID, $giftMobile: String) {
  membershipWish(
    plan: $plan
    agreement: $agreement
    vehicleId: $vehicleId
    giftMobile: $giftMobile
  ) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<MembershipWishMutation, MembershipWishMutationVariables>;
export const MembershipUpgradeDocument = new TypedDocumentString(`
    mutation MembershipUpgrade($number: String!, $plan: String!) {
  membershipUpgradeAsk(number: $number, plan: $plan) {
    quote {
      number
      amount
      quantity
      days
      words
      plan {
        variantId
        name
      }
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<MembershipUpgradeMutation, MembershipUpgradeMutationVariables>;
export const MembershipVehicleDocument = new TypedDocumentString(`
    mutation MembershipVehicle($number: String!, $vehicleId: ID!) {
  membershipVehicleSet(number: $number, vehicleId: $vehicleId) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<MembershipVehicleMutation, MembershipVehicleMutationVariables>;
export const MembershipRefundDocument = new TypedDocumentString(`
    mutation MembershipRefund($id: ID!) {
  membershipRefundAsk(id: $id) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<MembershipRefundMutation, MembershipRefundMutationVariables>;
export const FreightDocument = new TypedDocumentString(`
    query Freight {
  myMemberships {
    state
    benefits {
      kind
      name
      left
    }
  }
}
    `) as unknown as TypedDocumentString<FreightQuery, FreightQueryVariables>;
export const BenefitCodeDocument = new TypedDocumentString(`
    mutation BenefitCode($number: String!, $benefit: String!) {
  membershipBenefitCode(number: $number, benefit: $benefit) {
    digits
    expiresAt
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<BenefitCodeMutation, BenefitCodeMutationVariables>;
export const CardActivateDocument = new TypedDocumentString(`
    mutation CardActivate($card: String!, $scratch: String!) {
  membershipCardActivate(cardNumber: $card, scratch: $scratch) {
    membership {
      number
    }
    errors {
      field
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<CardActivateMutation, CardActivateMutationVariables>;
export const CardLossDocument = new TypedDocumentString(`
    mutation CardLoss($card: String!) {
  membershipCardLoss(cardNumber: $card) {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<CardLossMutation, CardLossMutationVariables>;
export const MembershipGiveUpDocument = new TypedDocumentString(`
    mutation MembershipGiveUp($number: String!) {
  membershipGiveUp(number: $number, confirmed: true) {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<MembershipGiveUpMutation, MembershipGiveUpMutationVariables>;
export const WechatNoticesDocument = new TypedDocumentString(`
    query WechatNotices($occasions: [WechatOccasion!]!) {
  wechatNotices(occasions: $occasions) {
    templateId
    title
  }
}
    `) as unknown as TypedDocumentString<WechatNoticesQuery, WechatNoticesQueryVariables>;
export const MyOrdersDocument = new TypedDocumentString(`
    query MyOrders($tab: MyOrderTab, $search: String, $after: String) {
  myOrders(tab: $tab, search: $search, first: 10, after: $after) {
    cursor
    tabs {
      tab
      label
      count
    }
    items {
      ...OrderHead
    }
  }
}
    fragment OrderHead on MyOrder {
  number
  token
  line
  lineLabel
  state
  stateLabel
  cancelLabel
  total
  refunded
  placedAt
  payBy
  actions
  subOrders {
    id
    number
    seller
    modeLabel
    mode
    state
    stateLabel
    goods
    discount
    shipping
    prepaid
    total
    receiveBy
    afterSaleUntil
    actions
    lines {
      productId
      productName
      variantName
      quantity
      shipped
      withdrawn
      unitPrice
      total
    }
  }
}`) as unknown as TypedDocumentString<MyOrdersQuery, MyOrdersQueryVariables>;
export const MyOrderDocument = new TypedDocumentString(`
    query MyOrder($number: String!) {
  myOrder(number: $number) {
    ...OrderHead
    paidAt
    completedAt
    deductions {
      source
      title
      amount
    }
    parcels {
      waybill
      carrier
      sentAt
      receivedAt
      warehouse
      subOrderNumbers
      lines {
        productName
        variantName
        quantity
      }
    }
    pickup {
      code
      name
      address
      phone
      hours
      navigationUrl
    }
    timeline {
      at
      kind
      kindLabel
      text
    }
  }
}
    fragment OrderHead on MyOrder {
  number
  token
  line
  lineLabel
  state
  stateLabel
  cancelLabel
  total
  refunded
  placedAt
  payBy
  actions
  subOrders {
    id
    number
    seller
    modeLabel
    mode
    state
    stateLabel
    goods
    discount
    shipping
    prepaid
    total
    receiveBy
    afterSaleUntil
    actions
    lines {
      productId
      productName
      variantName
      quantity
      shipped
      withdrawn
      unitPrice
      total
    }
  }
}`) as unknown as TypedDocumentString<MyOrderQuery, MyOrderQueryVariables>;
export const OrderNumberDocument = new TypedDocumentString(`
    query OrderNumber($number: String!, $token: String) {
  myOrder(number: $number, token: $token) {
    number
    token
    total
    state
    payBy
    line
    subOrders {
      mode
    }
  }
}
    `) as unknown as TypedDocumentString<OrderNumberQuery, OrderNumberQueryVariables>;
export const OrderCancelDocument = new TypedDocumentString(`
    mutation OrderCancel($number: String!) {
  myOrderCancel(number: $number) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<OrderCancelMutation, OrderCancelMutationVariables>;
export const OrderReceiveDocument = new TypedDocumentString(`
    mutation OrderReceive($number: String!, $subOrder: ID) {
  myOrderReceive(number: $number, subOrder: $subOrder) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<OrderReceiveMutation, OrderReceiveMutationVariables>;
export const OrderReorderDocument = new TypedDocumentString(`
    mutation OrderReorder($number: String!) {
  myOrderReorder(number: $number) {
    changes {
      name
      wanted
      got
      words
    }
    checkout {
      lines {
        quantity
        variant {
          id
        }
      }
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<OrderReorderMutation, OrderReorderMutationVariables>;
export const NearestDocument = new TypedDocumentString(`
    query Nearest($lng: Float!, $lat: Float!, $datum: MapDatum, $openNow: Boolean, $scope: MapBusiness) {
  nearestOutlets(
    lng: $lng
    lat: $lat
    datum: $datum
    first: 20
    openNow: $openNow
    scope: $scope
  ) {
    places {
      distanceText
      openState
      openText
      place {
        id
        name
        address
        phone
        navigationUrl
        unitCode
        scopes
      }
    }
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<NearestQuery, NearestQueryVariables>;
export const ServingDocument = new TypedDocumentString(`
    query Serving($district: String!, $street: String) {
  servingBranch(address: {district: $district, street: $street}) {
    code
    name
    phone
    address
    text
    note
    errors {
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ServingQuery, ServingQueryVariables>;
export const MicroShopDocument = new TypedDocumentString(`
    query MicroShop($code: String!) {
  shopByCode(code: $code) {
    code
    name
    notice
    branch
    address
    theme
    offers {
      variantId
      productName
      variantName
      price
      listPrice
      imageUrl
    }
  }
}
    `) as unknown as TypedDocumentString<MicroShopQuery, MicroShopQueryVariables>;
export const ShopVisitDocument = new TypedDocumentString(`
    mutation ShopVisit($code: String!) {
  shopEnter(shopCode: $code) {
    visit
    binding {
      shopCode
    }
    errors {
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ShopVisitMutation, ShopVisitMutationVariables>;
export const PointsMallDocument = new TypedDocumentString(`
    query PointsMall {
  pointsMall {
    ...MallOffer
  }
}
    fragment MallOffer on PointsMallOffer {
  code
  title
  points
  yuan
  price
  note
  left
  perMember
  period
  periodLabel
  level
  unit
  closesAt
  mine
  short
  refusal
  variant {
    id
    product {
      id
      thumbnail(size: 510) {
        url
      }
      productType {
        isShippingRequired
      }
    }
  }
}`) as unknown as TypedDocumentString<PointsMallQuery, PointsMallQueryVariables>;
export const PointsMallOfferDocument = new TypedDocumentString(`
    query PointsMallOffer($code: String!) {
  pointsMallOffer(code: $code) {
    ...MallOffer
  }
}
    fragment MallOffer on PointsMallOffer {
  code
  title
  points
  yuan
  price
  note
  left
  perMember
  period
  periodLabel
  level
  unit
  closesAt
  mine
  short
  refusal
  variant {
    id
    product {
      id
      thumbnail(size: 510) {
        url
      }
      productType {
        isShippingRequired
      }
    }
  }
}`) as unknown as TypedDocumentString<PointsMallOfferQuery, PointsMallOfferQueryVariables>;
export const PointsMallCouponsDocument = new TypedDocumentString(`
    query PointsMallCoupons {
  pointsMallCoupons {
    code
    title
    terms
    note
    scope
    kind
    points
    validDays
    validUntil
    closesAt
    perMember
    mine
    short
    refusal
  }
}
    `) as unknown as TypedDocumentString<PointsMallCouponsQuery, PointsMallCouponsQueryVariables>;
export const PointsCouponSwapDocument = new TypedDocumentString(`
    mutation PointsCouponSwap($code: String!, $key: String!) {
  pointsCouponSwap(code: $code, key: $key) {
    number
    validUntil
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PointsCouponSwapMutation, PointsCouponSwapMutationVariables>;
export const PointsExchangesDocument = new TypedDocumentString(`
    query PointsExchanges($skip: Int!) {
  myPointsExchanges(skip: $skip) {
    id
    title
    quantity
    points
    yuan
    back
    orderNumber
    orderState
    at
  }
}
    `) as unknown as TypedDocumentString<PointsExchangesQuery, PointsExchangesQueryVariables>;
export const ProfileDocument = new TypedDocumentString(`
    query Profile {
  myMember {
    number
    name
    mobile
    homeUnit
    homeUnitCode
    profile {
      gender
      birthday
      communityId
      communityName
      building
      homeBasis
      marketing
      referrer
      realName
      realNameHint
    }
  }
}
    `) as unknown as TypedDocumentString<ProfileQuery, ProfileQueryVariables>;
export const CommunitiesDocument = new TypedDocumentString(`
    query Communities($search: String!) {
  communities(search: $search, first: 10) {
    id
    name
    address
    unitName
  }
}
    `) as unknown as TypedDocumentString<CommunitiesQuery, CommunitiesQueryVariables>;
export const ProfileUpdateDocument = new TypedDocumentString(`
    mutation ProfileUpdate($input: MemberProfileInput!) {
  memberProfileUpdate(input: $input) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ProfileUpdateMutation, ProfileUpdateMutationVariables>;
export const RealNameDocument = new TypedDocumentString(`
    mutation RealName($name: String!, $idNumber: String!, $agreed: Boolean!) {
  memberRealNameSubmit(name: $name, idNumber: $idNumber, agreed: $agreed) {
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<RealNameMutation, RealNameMutationVariables>;
export const MobileBindDocument = new TypedDocumentString(`
    mutation MobileBind($mobile: String!, $code: String!, $confirmation: String, $password: String, $merge: Boolean, $device: MemberDeviceInput) {
  memberMobileBind(
    mobile: $mobile
    code: $code
    confirmation: $confirmation
    password: $password
    merge: $merge
    device: $device
  ) {
    errors {
      field
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<MobileBindMutation, MobileBindMutationVariables>;
export const ClosingDocument = new TypedDocumentString(`
    query Closing {
  myClosing {
    askedAt
    dueAt
    blockers {
      text
      hint
    }
  }
  myMember {
    mobile
    hasPassword
  }
}
    `) as unknown as TypedDocumentString<ClosingQuery, ClosingQueryVariables>;
export const ClosingAskDocument = new TypedDocumentString(`
    mutation ClosingAsk($code: String, $password: String, $reason: String, $device: MemberDeviceInput) {
  memberClosingAsk(
    code: $code
    password: $password
    reason: $reason
    device: $device
  ) {
    closing {
      askedAt
      dueAt
    }
    errors {
      field
      message
      hint
      code
      retryAfter
    }
  }
}
    `) as unknown as TypedDocumentString<ClosingAskMutation, ClosingAskMutationVariables>;
export const ClosingWithdrawDocument = new TypedDocumentString(`
    mutation ClosingWithdraw {
  memberClosingWithdraw {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ClosingWithdrawMutation, ClosingWithdrawMutationVariables>;
export const PassengersDocument = new TypedDocumentString(`
    query Passengers {
  myPassengers {
    id
    name
    kind
    paper
    maskedNumber
    birth
    maskedMobile
    verified
  }
}
    `) as unknown as TypedDocumentString<PassengersQuery, PassengersQueryVariables>;
export const PayerNumbersDocument = new TypedDocumentString(`
    query PayerNumbers {
  myPayerNumbers {
    id
    service
    biller
    maskedNumber
    label
  }
}
    `) as unknown as TypedDocumentString<PayerNumbersQuery, PayerNumbersQueryVariables>;
export const VehiclesDocument = new TypedDocumentString(`
    query Vehicles {
  myVehicles {
    id
    plate
    newEnergy
    model
    hasVin
    hasEngine
    registeredOn
    inspectionDue
    insuranceDue
    remind
  }
}
    `) as unknown as TypedDocumentString<VehiclesQuery, VehiclesQueryVariables>;
export const InvoiceTitlesDocument = new TypedDocumentString(`
    query InvoiceTitles {
  myInvoiceTitles {
    id
    kind
    title
    taxNumber
    address
    phone
    bank
    account
    email
    isDefault
  }
}
    `) as unknown as TypedDocumentString<InvoiceTitlesQuery, InvoiceTitlesQueryVariables>;
export const PassengerSaveDocument = new TypedDocumentString(`
    mutation PassengerSave($id: ID, $input: MemberPassengerInput!) {
  memberPassengerSave(id: $id, input: $input) {
    passenger {
      id
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PassengerSaveMutation, PassengerSaveMutationVariables>;
export const PayerNumberSaveDocument = new TypedDocumentString(`
    mutation PayerNumberSave($id: ID, $input: MemberPayerNumberInput!) {
  memberPayerNumberSave(id: $id, input: $input) {
    payerNumber {
      id
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<PayerNumberSaveMutation, PayerNumberSaveMutationVariables>;
export const VehicleSaveDocument = new TypedDocumentString(`
    mutation VehicleSave($id: ID, $input: MemberVehicleInput!) {
  memberVehicleSave(id: $id, input: $input) {
    vehicle {
      id
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<VehicleSaveMutation, VehicleSaveMutationVariables>;
export const InvoiceTitleSaveDocument = new TypedDocumentString(`
    mutation InvoiceTitleSave($id: ID, $input: MemberInvoiceTitleInput!) {
  memberInvoiceTitleSave(id: $id, input: $input) {
    invoiceTitle {
      id
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<InvoiceTitleSaveMutation, InvoiceTitleSaveMutationVariables>;
export const RecordDeleteDocument = new TypedDocumentString(`
    mutation RecordDelete($id: ID!, $kind: MemberRecordKind!) {
  memberRecordDelete(id: $id, kind: $kind) {
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<RecordDeleteMutation, RecordDeleteMutationVariables>;
export const VehicleDoneDocument = new TypedDocumentString(`
    mutation VehicleDone($id: ID!, $what: MemberVehicleDue!) {
  memberVehicleDone(id: $id, what: $what) {
    vehicle {
      inspectionDue
      insuranceDue
    }
    errors {
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<VehicleDoneMutation, VehicleDoneMutationVariables>;
export const MySurveyDocument = new TypedDocumentString(`
    query MySurvey {
  mySurvey {
    id
    orderNumber
    askedAt
  }
}
    `) as unknown as TypedDocumentString<MySurveyQuery, MySurveyQueryVariables>;
export const SurveyAnswerDocument = new TypedDocumentString(`
    mutation SurveyAnswer($id: ID!, $score: Int!, $word: String) {
  surveyAnswer(id: $id, score: $score, word: $word) {
    survey {
      score
    }
    errors {
      field
      message
      hint
      code
    }
  }
}
    `) as unknown as TypedDocumentString<SurveyAnswerMutation, SurveyAnswerMutationVariables>;
export const MyTicketOrdersDocument = new TypedDocumentString(`
    query MyTicketOrders($tab: TicketOrderTab, $cursor: String) {
  myTicketOrders(tab: $tab, first: 20, cursor: $cursor) {
    cursor
    items {
      ...TicketHead
    }
  }
}
    fragment TicketHead on TicketOrder {
  number
  trade
  state
  stateLabel
  outcomeLabel
  title
  startsAt
  endsAt
  heldUntil
  total
  orderNumber
  tickets {
    number
    state
    stateLabel
    fareName
    seat
    price
  }
}`) as unknown as TypedDocumentString<MyTicketOrdersQuery, MyTicketOrdersQueryVariables>;
export const TicketOrderOfDocument = new TypedDocumentString(`
    query TicketOrderOf($number: String!, $key: String, $token: String) {
  ticketOrder(number: $number, key: $key, token: $token) {
    number
    trade
    state
    stateLabel
    outcomeLabel
    title
    productCode
    insteadOf
    startsAt
    endsAt
    heldUntil
    total
    service
    orderNumber
    contact
    mobile
    why
    madeAt
    paidAt
    issuedAt
    details {
      label
      text
    }
    pick {
      label
      text
    }
    segments {
      position
      title
      number
      origin
      goal
      startsAt
      endsAt
      cancelled
    }
    tickets {
      ...TicketFacts
    }
  }
  ticketRefunds(order: $number, token: $token) {
    number
    state
    title
    due
    why
    replyWords
    withdrawable
    askedAt
    doneAt
    items {
      ticket
      kept
      said
    }
    money {
      title
      amount
      arrivedAt
      state
    }
  }
  ticketChanges(order: $number, token: $token) {
    number
    origin
    target
    orderNumber
    state
    title
    toPay
    back
    payBy
    why
  }
  ticketInsurances(order: $number, token: $token) {
    number
    ticket
    name
    price
    state
    title
    policyNumber
    terms
  }
  ticketPostponed(orderNumber: $number, key: $key, token: $token) {
    wasAt
    nowAt
    reason
    chooseUntil
    choice
    refundNumber
  }
  coachInvoices(number: $number, token: $token) {
    number
    kindLabel
    state
    stateLabel
    title
    amount
    invoiceNumber
    issuedOn
    why
  }
}
    fragment TicketFacts on Ticket {
  segment {
    position
    title
  }
  number
  state
  stateLabel
  fare
  fareName
  seat
  price
  service
  parts {
    label
    amount
  }
  uses
  used
  back
  carriedBy
  theirNumber
  collectedAt
  refundRule
  changeRule
  passenger {
    name
    document
    number
    type
  }
}`) as unknown as TypedDocumentString<TicketOrderOfQuery, TicketOrderOfQueryVariables>;
export const TicketsOfDocument = new TypedDocumentString(`
    query TicketsOf($number: String!, $key: String, $token: String) {
  ticketOrder(number: $number, key: $key, token: $token) {
    number
    trade
    title
    productCode
    startsAt
    details {
      label
      text
    }
    tickets {
      ...TicketFacts
    }
  }
}
    fragment TicketFacts on Ticket {
  segment {
    position
    title
  }
  number
  state
  stateLabel
  fare
  fareName
  seat
  price
  service
  parts {
    label
    amount
  }
  uses
  used
  back
  carriedBy
  theirNumber
  collectedAt
  refundRule
  changeRule
  passenger {
    name
    document
    number
    type
  }
}`) as unknown as TypedDocumentString<TicketsOfQuery, TicketsOfQueryVariables>;
export const HeldOrderDocument = new TypedDocumentString(`
    query HeldOrder($number: String!, $key: String, $token: String) {
  ticketOrder(number: $number, key: $key, token: $token) {
    number
    trade
    state
    stateLabel
    title
    heldUntil
    total
    service
    why
    orderNumber
    details {
      label
      text
    }
    tickets {
      number
      fareName
      seat
      price
      passenger {
        name
        number
      }
    }
  }
}
    `) as unknown as TypedDocumentString<HeldOrderQuery, HeldOrderQueryVariables>;
export const InsurancesOfferedDocument = new TypedDocumentString(`
    query InsurancesOffered($trade: TicketInsuranceTrade!, $order: String!) {
  ticketInsuranceProducts(trade: $trade) {
    code
    name
    price
    covers
    terms
    insurer
  }
  ticketInsurances(order: $order) {
    ticket
    product
    price
    state
  }
}
    `) as unknown as TypedDocumentString<InsurancesOfferedQuery, InsurancesOfferedQueryVariables>;
export const InsureTicketsDocument = new TypedDocumentString(`
    mutation InsureTickets($hold: String!, $choices: [TicketInsureInput!]!) {
  ticketInsure(hold: $hold, choices: $choices) {
    insurances {
      ticket
      product
      price
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<InsureTicketsMutation, InsureTicketsMutationVariables>;
export const HoldReleaseDocument = new TypedDocumentString(`
    mutation HoldRelease($number: String!, $key: String) {
  ticketHoldRelease(number: $number, key: $key) {
    order {
      state
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<HoldReleaseMutation, HoldReleaseMutationVariables>;
export const VouchersDocument = new TypedDocumentString(`
    query Vouchers($number: String!, $key: String, $token: String) {
  ticketVouchers(orderNumber: $number, key: $key, token: $token) {
    ...VoucherFacts
  }
}
    fragment VoucherFacts on TicketVoucher {
  number
  orderNumber
  title
  code
  standing
  validFrom
  validUntil
  uses
  used
  left
  unlimited
  needsDocument
  voidWhy
  pdfUrl
  kept {
    qr
    rotating
    secret
    step
    digits
  }
  theirCodes {
    code
    qr
  }
  paper {
    way
    words
    exchangeQr
    exchangedAt
    where
    carrier
    waybill
    sentAt
    receiver
    addressOpen
  }
}`) as unknown as TypedDocumentString<VouchersQuery, VouchersQueryVariables>;
export const HoldersDocument = new TypedDocumentString(`
    query Holders($number: String!, $token: String) {
  ticketHolders(orderNumber: $number, token: $token) {
    ticket
    name
    open
    until
    why
  }
}
    `) as unknown as TypedDocumentString<HoldersQuery, HoldersQueryVariables>;
export const HolderChangeDocument = new TypedDocumentString(`
    mutation HolderChange($ticket: String!, $savedId: ID, $name: String, $document: AdmissionDocument, $documentNumber: String, $birth: Date, $mobile: String, $token: String) {
  ticketHolderChange(
    ticket: $ticket
    savedId: $savedId
    name: $name
    document: $document
    documentNumber: $documentNumber
    birth: $birth
    mobile: $mobile
    token: $token
  ) {
    ticket
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<HolderChangeMutation, HolderChangeMutationVariables>;
export const GuestLinkDocument = new TypedDocumentString(`
    query GuestLink($link: String!) {
  ticketGuestLink(link: $link) {
    number
    mobile
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<GuestLinkQuery, GuestLinkQueryVariables>;
export const GuestCodeSendDocument = new TypedDocumentString(`
    mutation GuestCodeSend($number: String, $mobile: String, $link: String, $device: String) {
  ticketGuestCodeSend(
    orderNumber: $number
    mobile: $mobile
    link: $link
    device: $device
  ) {
    againAfter
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<GuestCodeSendMutation, GuestCodeSendMutationVariables>;
export const GuestOpenDocument = new TypedDocumentString(`
    mutation GuestOpen($number: String, $mobile: String, $link: String, $code: String!, $device: String) {
  ticketGuestOpen(
    orderNumber: $number
    mobile: $mobile
    link: $link
    code: $code
    device: $device
  ) {
    number
    token
    until
    onlyShown
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<GuestOpenMutation, GuestOpenMutationVariables>;
export const ChangePayDocument = new TypedDocumentString(`
    mutation ChangePay($number: String!, $token: String!) {
  ticketChangePay(number: $number, token: $token) {
    orderNumber
    orderToken
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<ChangePayMutation, ChangePayMutationVariables>;
export const ChangeOfDocument = new TypedDocumentString(`
    query ChangeOf($origin: String!, $target: String!) {
  old: ticketOrder(number: $origin) {
    title
    details {
      label
      text
    }
  }
  new: ticketOrder(number: $target) {
    title
    details {
      label
      text
    }
    tickets {
      number
      fareName
      seat
      passenger {
        name
      }
    }
  }
  ticketChanges(order: $target) {
    number
    state
    title
    toPay
    payBy
    why
  }
}
    `) as unknown as TypedDocumentString<ChangeOfQuery, ChangeOfQueryVariables>;
export const VoucherSendDocument = new TypedDocumentString(`
    mutation VoucherSend($number: String!, $order: String, $token: String) {
  ticketVoucherSend(number: $number, orderNumber: $order, token: $token) {
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<VoucherSendMutation, VoucherSendMutationVariables>;
export const MailingChangeDocument = new TypedDocumentString(`
    mutation MailingChange($number: String!, $mailTo: AdmissionMailInput!, $token: String) {
  ticketMailingChange(orderNumber: $number, mailTo: $mailTo, token: $token) {
    receiver
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<MailingChangeMutation, MailingChangeMutationVariables>;
export const TextSendDocument = new TypedDocumentString(`
    mutation TextSend($number: String!, $key: String, $token: String) {
  ticketTextSend(orderNumber: $number, key: $key, token: $token) {
    mobile
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<TextSendMutation, TextSendMutationVariables>;
export const RefundPreviewDocument = new TypedDocumentString(`
    mutation RefundPreview($tickets: [String!]!, $quantities: [Int!], $token: String) {
  ticketRefundPreview(tickets: $tickets, quantities: $quantities, token: $token) {
    fee
    back
    notice
    quotes {
      ...RefundQuote
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    fragment RefundQuote on TicketRefundQuote {
  ticket
  token
  quantity
  allowed
  fee
  back
  words
  validUntil
  parts {
    label
    amount
  }
}`) as unknown as TypedDocumentString<RefundPreviewMutation, RefundPreviewMutationVariables>;
export const RefundTicketsDocument = new TypedDocumentString(`
    mutation RefundTickets($key: String!, $tickets: [TicketRefundInput!]!, $reason: String, $token: String) {
  ticketRefund(key: $key, tickets: $tickets, reason: $reason, token: $token) {
    words
    quotes {
      ...RefundQuote
    }
    refund {
      number
      title
      due
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    fragment RefundQuote on TicketRefundQuote {
  ticket
  token
  quantity
  allowed
  fee
  back
  words
  validUntil
  parts {
    label
    amount
  }
}`) as unknown as TypedDocumentString<RefundTicketsMutation, RefundTicketsMutationVariables>;
export const RefundWithdrawDocument = new TypedDocumentString(`
    mutation RefundWithdraw($number: String!, $token: String) {
  ticketRefundWithdraw(number: $number, token: $token) {
    refund {
      number
      state
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<RefundWithdrawMutation, RefundWithdrawMutationVariables>;
export const ChangePreviewDocument = new TypedDocumentString(`
    mutation ChangePreview($tickets: [String!]!, $target: String!, $targetKey: String, $token: String) {
  ticketChangePreview(
    tickets: $tickets
    target: $target
    targetKey: $targetKey
    token: $token
  ) {
    fee
    back
    toPay
    quotes {
      ...ChangeQuote
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    fragment ChangeQuote on TicketChangeQuote {
  ticket
  token
  allowed
  fee
  back
  toPay
  words
  insurance
  validUntil
}`) as unknown as TypedDocumentString<ChangePreviewMutation, ChangePreviewMutationVariables>;
export const ChangeTicketsDocument = new TypedDocumentString(`
    mutation ChangeTickets($key: String!, $tickets: [TicketChangeInput!]!, $target: String!, $targetKey: String, $token: String) {
  ticketChange(
    key: $key
    tickets: $tickets
    target: $target
    targetKey: $targetKey
    token: $token
  ) {
    words
    quotes {
      ...ChangeQuote
    }
    change {
      number
      state
      title
      toPay
      payBy
      words
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    fragment ChangeQuote on TicketChangeQuote {
  ticket
  token
  allowed
  fee
  back
  toPay
  words
  insurance
  validUntil
}`) as unknown as TypedDocumentString<ChangeTicketsMutation, ChangeTicketsMutationVariables>;
export const PostponedChooseDocument = new TypedDocumentString(`
    mutation PostponedChoose($number: String!, $choice: TicketPostponedChoice!, $key: String, $token: String) {
  ticketPostponedChoose(
    orderNumber: $number
    choice: $choice
    key: $key
    token: $token
  ) {
    refundNumber
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<PostponedChooseMutation, PostponedChooseMutationVariables>;
export const AdmissionsDocument = new TypedDocumentString(`
    query Admissions($kinds: [AdmissionKind!], $search: String, $day: Date, $skip: Int) {
  admissionProducts(
    kinds: $kinds
    search: $search
    day: $day
    first: 20
    skip: $skip
  ) {
    code
    name
    title
    kind
    summary
    priceFrom
    onSale
    place {
      name
      district
      level
      latitude
      longitude
    }
  }
}
    `) as unknown as TypedDocumentString<AdmissionsQuery, AdmissionsQueryVariables>;
export const AdmissionDocument = new TypedDocumentString(`
    query Admission($code: String!) {
  admissionProduct(code: $code) {
    code
    name
    title
    kind
    summary
    description
    notices
    onSale
    queued
    waitingHours
    priceFrom
    place {
      ...PlaceFacts
    }
    places {
      ...PlaceFacts
    }
    classes {
      code
      name
      audience
      include
      people
      ageFrom
      ageBelow
      documents
      price
      marketPrice
      minPerOrder
      maxPerOrder
      validMode
      validDays
      realName
      exchangeMode
      postage
      mailDays
      advance
      category
    }
    calendar(days: 62) {
      day
      priceFrom
      left
      classes {
        ...ClassLeft
      }
    }
    sessions {
      id
      name
      startsAt
      endsAt
      opensAt
      closesAt
      postponedFrom
      state
      title
      hall
      seated
      onSale
      priceFrom
      left
      classes {
        ...ClassLeft
      }
    }
  }
}
    fragment ClassLeft on AdmissionClassLeft {
  code
  name
  category
  price
  left
  open
}
fragment PlaceFacts on AdmissionPlace {
  name
  district
  level
  address
  phone
  openingHours
  traffic
  notices
  latitude
  longitude
}`) as unknown as TypedDocumentString<AdmissionQuery, AdmissionQueryVariables>;
export const AdmissionSlotsDocument = new TypedDocumentString(`
    query AdmissionSlots($code: String!, $day: Date!) {
  admissionProduct(code: $code) {
    slots(day: $day) {
      id
      starts
      ends
      classes {
        ...ClassLeft
      }
    }
  }
}
    fragment ClassLeft on AdmissionClassLeft {
  code
  name
  category
  price
  left
  open
}`) as unknown as TypedDocumentString<AdmissionSlotsQuery, AdmissionSlotsQueryVariables>;
export const SeatMapDocument = new TypedDocumentString(`
    query SeatMap($id: ID!) {
  admissionSession(id: $id) {
    id
    title
    startsAt
    hall
    onSale
    categories {
      code
      name
      colour
    }
    classes {
      ...ClassLeft
    }
    seats {
      id
      zone
      line
      place
      label
      category
      free
    }
  }
}
    fragment ClassLeft on AdmissionClassLeft {
  code
  name
  category
  price
  left
  open
}`) as unknown as TypedDocumentString<SeatMapQuery, SeatMapQueryVariables>;
export const FreeSeatsDocument = new TypedDocumentString(`
    query FreeSeats($id: ID!) {
  admissionSession(id: $id) {
    onSale
    freeSeats
    classes {
      ...ClassLeft
    }
  }
}
    fragment ClassLeft on AdmissionClassLeft {
  code
  name
  category
  price
  left
  open
}`) as unknown as TypedDocumentString<FreeSeatsQuery, FreeSeatsQueryVariables>;
export const AdmissionHoldDocument = new TypedDocumentString(`
    mutation AdmissionHold($key: String!, $product: String!, $session: ID, $slot: ID, $day: Date, $tickets: [AdmissionTicketInput!]!, $contact: String, $mobile: String!, $device: String, $waiting: ID, $insteadOf: String, $proof: String, $mailTo: AdmissionMailInput, $mostTotal: Decimal, $token: String) {
  admissionHold(
    key: $key
    product: $product
    session: $session
    slot: $slot
    day: $day
    tickets: $tickets
    contact: $contact
    mobile: $mobile
    device: $device
    waiting: $waiting
    insteadOf: $insteadOf
    proof: $proof
    mailTo: $mailTo
    mostTotal: $mostTotal
    token: $token
  ) {
    number
    state
    heldUntil
    total
    seats
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<AdmissionHoldMutation, AdmissionHoldMutationVariables>;
export const AdmissionProofDocument = new TypedDocumentString(`
    query AdmissionProof($product: String!, $session: ID) {
  admissionProof(product: $product, session: $session) {
    challenge
  }
}
    `) as unknown as TypedDocumentString<AdmissionProofQuery, AdmissionProofQueryVariables>;
export const QueueJoinDocument = new TypedDocumentString(`
    mutation QueueJoin($product: String!, $proof: String) {
  admissionQueueJoin(product: $product, proof: $proof) {
    queue {
      number
      ahead
      entersAt
      until
      isIn
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<QueueJoinMutation, QueueJoinMutationVariables>;
export const DrawsDocument = new TypedDocumentString(`
    query Draws($product: String!) {
  admissionDraws(product: $product) {
    ...DrawRow
  }
}
    fragment DrawRow on AdmissionDraw {
  product
  productCode
  sessionId
  sessionName
  startsAt
  classCode
  className
  units
  mostEach
  opensAt
  closesAt
  payHours
  state
  title
  drawnAt
  open
  sellsFreely
  seedDigest
  seed
  mine {
    number
    quantity
    state
    title
    place
  }
}`) as unknown as TypedDocumentString<DrawsQuery, DrawsQueryVariables>;
export const DrawEnterDocument = new TypedDocumentString(`
    mutation DrawEnter($session: ID!, $ticketClass: String!, $quantity: Int!) {
  admissionDrawEnter(
    session: $session
    ticketClass: $ticketClass
    quantity: $quantity
  ) {
    quantity
    closesAt
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<DrawEnterMutation, DrawEnterMutationVariables>;
export const MyWaitingsDocument = new TypedDocumentString(`
    query MyWaitings {
  myAdmissionWaitings {
    ...WaitingRow
  }
  myAdmissionDraws {
    ...DrawRow
  }
}
    fragment WaitingRow on AdmissionWaiting {
  id
  product
  productCode
  className
  classCode
  sessionId
  slotId
  startsAt
  slotTime
  day
  quantity
  state
  title
  offeredUntil
  orderNumber
}
fragment DrawRow on AdmissionDraw {
  product
  productCode
  sessionId
  sessionName
  startsAt
  classCode
  className
  units
  mostEach
  opensAt
  closesAt
  payHours
  state
  title
  drawnAt
  open
  sellsFreely
  seedDigest
  seed
  mine {
    number
    quantity
    state
    title
    place
  }
}`) as unknown as TypedDocumentString<MyWaitingsQuery, MyWaitingsQueryVariables>;
export const AdmissionWaitDocument = new TypedDocumentString(`
    mutation AdmissionWait($product: String!, $ticketClass: String!, $quantity: Int!, $session: ID, $slot: ID, $day: Date) {
  admissionWait(
    product: $product
    ticketClass: $ticketClass
    quantity: $quantity
    session: $session
    slot: $slot
    day: $day
  ) {
    waiting {
      id
    }
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<AdmissionWaitMutation, AdmissionWaitMutationVariables>;
export const AdmissionWaitCancelDocument = new TypedDocumentString(`
    mutation AdmissionWaitCancel($id: ID!) {
  admissionWaitCancel(id: $id) {
    errors {
      code
      field
      message
      hint
    }
  }
}
    `) as unknown as TypedDocumentString<AdmissionWaitCancelMutation, AdmissionWaitCancelMutationVariables>;