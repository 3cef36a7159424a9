"""What stock's dashboard 2.10.1 asks on its pages for orders and customers: the same fields, arguments and variables.

Written for `tests/scope` and the journey ``scope``, which play them as people of two counties.
"""

from __future__ import annotations

_ADDRESS = """fragment AddressFragment on Address {
  id firstName lastName companyName streetAddress1 streetAddress2 city cityArea postalCode countryArea phone
  country { code country } }"""
_PAGE = "pageInfo { hasPreviousPage hasNextPage startCursor endCursor }"
_ROW = """__typename id number created status paymentStatus userEmail total { __typename gross { amount currency } }
  billingAddress { ...AddressFragment }"""
_LINE = """id isShippingRequired productName productSku quantity quantityFulfilled thumbnail { url }
  unitPrice { gross { amount currency } net { amount currency } }"""

#: The page one lands on.
HOME = """query Home {
  salesToday: ordersTotal(period: TODAY) { gross { amount currency } }
  ordersToday: orders(created: TODAY) { totalCount }
  ordersToFulfill: orders(status: READY_TO_FULFILL) { totalCount }
  ordersToCapture: orders(status: READY_TO_CAPTURE) { totalCount }
  productsOutOfStock: products(stockAvailability: OUT_OF_STOCK) { totalCount }
  productTopToday: reportProductSales(period: TODAY, first: 5) { edges { node {
    id revenue(period: TODAY) { gross { amount currency } } attributes { values { id name } }
    product { id name thumbnail { url } } quantityOrdered } } }
  activities: homepageEvents(last: 10) { edges { node { id amount composedId date email emailType message orderNumber
    oversoldItems quantity type user { id email } } } } }"""

ORDER_LIST = f"""{_ADDRESS}
query OrderList($first: Int, $after: String, $last: Int, $before: String, $filter: OrderFilterInput,
    $sort: OrderSortingInput) {{
  orders(before: $before, after: $after, first: $first, last: $last, filter: $filter, sortBy: $sort) {{
    edges {{ node {{ {_ROW} }} }} {_PAGE} }} }}"""

DRAFT_LIST = f"""{_ADDRESS}
query OrderDraftList($first: Int, $after: String, $last: Int, $before: String, $filter: OrderDraftFilterInput,
    $sort: OrderSortingInput) {{
  draftOrders(before: $before, after: $after, first: $first, last: $last, filter: $filter, sortBy: $sort) {{
    edges {{ node {{ {_ROW} }} }} {_PAGE} }} }}"""

ORDER_DETAILS = f"""{_ADDRESS}
query OrderDetails($id: ID!) {{
  order(id: $id) {{
    id canFinalize created customerNote number paymentStatus status actions userEmail shippingMethodName
    billingAddress {{ ...AddressFragment }} shippingAddress {{ ...AddressFragment }}
    events {{ id amount date email emailType message quantity type user {{ id email }} }}
    fulfillments {{ id fulfillmentOrder status trackingNumber warehouse {{ id name }}
      lines {{ id quantity orderLine {{ {_LINE} }} }} }}
    lines {{ {_LINE} }}
    shippingMethod {{ id }} shippingPrice {{ gross {{ amount currency }} }}
    subtotal {{ gross {{ amount currency }} }} total {{ gross {{ amount currency }} tax {{ amount currency }} }}
    totalAuthorized {{ amount currency }} totalCaptured {{ amount currency }} user {{ id email }}
    availableShippingMethods {{ id name price {{ amount currency }} }} }}
  shop {{ countries {{ code country }} defaultWeightUnit }} }}"""

ORDER_FULFILL = """query OrderFulfillData($orderId: ID!) {
  order(id: $orderId) { id number lines { id isShippingRequired productName quantity quantityFulfilled
    allocations { quantity warehouse { id } }
    variant { id name sku trackInventory attributes { values { id name } }
      stocks { id warehouse { id } quantity quantityAllocated } }
    thumbnail(size: 64) { url } } } }"""

CUSTOMER_LIST = f"""query ListCustomers($after: String, $before: String, $first: Int, $last: Int,
    $filter: CustomerFilterInput, $sort: UserSortingInput) {{
  customers(after: $after, before: $before, first: $first, last: $last, filter: $filter, sortBy: $sort) {{
    edges {{ node {{ id email firstName lastName orders {{ totalCount }} }} }} {_PAGE} }} }}"""

CUSTOMER_DETAILS = f"""{_ADDRESS}
query CustomerDetails($id: ID!) {{
  user(id: $id) {{
    id email firstName lastName dateJoined lastLogin note isActive
    defaultShippingAddress {{ ...AddressFragment }} defaultBillingAddress {{ ...AddressFragment }}
    orders(last: 5) {{ edges {{ node {{ id created number paymentStatus total {{ gross {{ currency amount }} }} }} }} }}
    lastPlacedOrder: orders(last: 1) {{ edges {{ node {{ id created }} }} }} }} }}"""

CUSTOMER_ADDRESSES = f"""{_ADDRESS}
query CustomerAddresses($id: ID!) {{
  user(id: $id) {{ id email firstName lastName addresses {{ ...AddressFragment }}
    defaultBillingAddress {{ id }} defaultShippingAddress {{ id }} }} }}"""

#: The search behind Ctrl-K, and the choice of a customer for a draft.
FIND_ORDER = "query CheckIfOrderExists($id: ID!) { order(id: $id) { id status } }"
FIND_CUSTOMERS = f"""query SearchCustomers($after: String, $first: Int!, $query: String!) {{
  search: customers(after: $after, first: $first, filter: {{search: $query}}) {{
    edges {{ node {{ id email }} }} {_PAGE} }} }}"""
FIND_GOODS = """query SearchCatalog($first: Int!, $query: String!) {
  categories(first: $first, filter: {search: $query}) { edges { node { id name } } }
  collections(first: $first, filter: {search: $query}) { edges { node { id name isPublished } } }
  products(first: $first, filter: {search: $query}) { edges { node { id name category { id name } } } } }"""

PRODUCT_LIST = f"""query ProductList($first: Int, $after: String, $filter: ProductFilterInput,
    $sort: ProductOrder) {{
  products(first: $first, after: $after, filter: $filter, sortBy: $sort) {{
    edges {{ node {{ id name isAvailable thumbnail {{ url }} productType {{ id name }}
      basePrice {{ amount currency }} }} }} {_PAGE} }} }}"""
WAREHOUSE_LIST = f"""query WarehouseList($first: Int, $after: String, $filter: WarehouseFilterInput,
    $sort: WarehouseSortingInput) {{
  warehouses(first: $first, after: $after, filter: $filter, sortBy: $sort) {{
    edges {{ node {{ id name shippingZones(first: 100) {{ edges {{ node {{ id name }} }} }} }} }} {_PAGE} }} }}"""

CANCEL_ORDERS = """mutation OrderBulkCancel($ids: [ID]!) {
  orderBulkCancel(ids: $ids) { errors: orderErrors { code field } } }"""
DROP_DRAFTS = """mutation OrderDraftBulkCancel($ids: [ID]!) {
  draftOrderBulkDelete(ids: $ids) { errors: orderErrors { code field } } }"""
DROP_CUSTOMERS = """mutation BulkRemoveCustomers($ids: [ID]!) {
  customerBulkDelete(ids: $ids) { errors: accountErrors { code field } } }"""

#: What the pages can filter and sort by.
ORDER_FILTERS = {
    "status": ["FULFILLED", "PARTIALLY_FULFILLED", "UNFULFILLED", "CANCELED", "READY_TO_FULFILL", "READY_TO_CAPTURE"],
    "paymentStatus": ["FULLY_CHARGED", "FULLY_REFUNDED", "NOT_CHARGED", "PARTIALLY_CHARGED", "PARTIALLY_REFUNDED"],
}  # fmt: skip
ORDER_SORTS = ("NUMBER", "CREATION_DATE", "CUSTOMER", "PAYMENT", "FULFILLMENT_STATUS", "TOTAL")
CUSTOMER_SORTS = ("FIRST_NAME", "LAST_NAME", "EMAIL", "ORDER_COUNT")
