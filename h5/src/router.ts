// Addresses below /h5/. Numbers of orders may stand in them, persons never.
import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { accessTo, acts, isGuests, opened } from "./guests";
import { missing } from "./missing";
import { session } from "./state/session";
import { booking } from "./state/trip";
import { t } from "./texts";
import { ticketTitles } from "./ticketTitles";
import { knock } from "./wechat";

const titles: Record<string, string> = { ...t.titles, ...ticketTitles };
const member = { member: true };
/** Also for who bought without an account, once the order is opened on this phone. */
const buyer = { member: true, guest: true };

const routes: RouteRecordRaw[] = [
  { path: "/", name: "home", component: () => import("./pages/HomePage.vue"), meta: { tab: true } },
  { path: "/categories/:id?", name: "category", component: () => import("./pages/CategoryPage.vue"), meta: { tab: true }, props: true },
  { path: "/search", name: "search", component: () => import("./pages/SearchPage.vue") },
  { path: "/products/:id", name: "product", component: () => import("./pages/ProductPage.vue"), props: true },
  { path: "/cart", name: "cart", component: () => import("./pages/CartPage.vue"), meta: { tab: true } },
  { path: "/checkout", name: "checkout", component: () => import("./pages/CheckoutPage.vue"), meta: member },
  { path: "/addresses", name: "addresses", component: () => import("./pages/AddressesPage.vue"), meta: member },
  { path: "/addresses/:id", name: "address", component: () => import("./pages/AddressPage.vue"), props: true, meta: member },
  { path: "/cashier/:number", name: "cashier", component: () => import("./pages/CashierPage.vue"), props: true, meta: buyer },
  { path: "/paid/:number", name: "result", component: () => import("./pages/ResultPage.vue"), props: true, meta: buyer },
  { path: "/orders", name: "orders", component: () => import("./pages/OrdersPage.vue"), meta: member },
  { path: "/orders/:number", name: "order", component: () => import("./pages/OrderPage.vue"), props: true, meta: member },
  { path: "/orders/:order/after-sale/:part", name: "apply", component: () => import("./pages/ApplyPage.vue"), props: true, meta: member },
  { path: "/orders/:order/complain/:part", name: "complain", component: () => import("./pages/ComplainPage.vue"), props: true, meta: member },
  { path: "/after-sales", name: "afterSales", component: () => import("./pages/AfterSalesPage.vue"), meta: member },
  { path: "/after-sales/:number", name: "afterSale", component: () => import("./pages/AfterSalePage.vue"), props: true, meta: member },
  { path: "/mine", name: "mine", component: () => import("./pages/MinePage.vue"), meta: { tab: true } },
  { path: "/login", name: "login", component: () => import("./pages/LoginPage.vue") },
  { path: "/agreement", name: "agreement", component: () => import("./pages/AgreementPage.vue") },
  { path: "/nearby", name: "nearby", component: () => import("./pages/NearbyPage.vue") },
  { path: "/shops/:code", name: "shop", component: () => import("./pages/ShopPage.vue"), props: true },
  { path: "/settings", name: "settings", component: () => import("./pages/SettingsPage.vue"), meta: member },
  { path: "/settings/devices", name: "devices", component: () => import("./pages/DevicesPage.vue"), meta: member },
  { path: "/settings/password", name: "password", component: () => import("./pages/PasswordPage.vue"), meta: member },
  { path: "/settings/profile", name: "profile", component: () => import("./pages/ProfilePage.vue"), meta: member },
  { path: "/settings/mobile", name: "mobile", component: () => import("./pages/MobilePage.vue"), meta: member },
  { path: "/settings/closing", name: "closing", component: () => import("./pages/ClosingPage.vue"), meta: member },
  { path: "/confirm-login", name: "confirmLogin", component: () => import("./pages/ConfirmLoginPage.vue"), meta: member },
  { path: "/points", name: "points", component: () => import("./pages/PointsPage.vue"), meta: member },
  { path: "/points-mall", name: "pointsMall", component: () => import("./pages/PointsMallPage.vue") },
  { path: "/points-mall/:code", name: "mallOffer", component: () => import("./pages/MallOfferPage.vue"), props: true },
  { path: "/level", name: "level", component: () => import("./pages/LevelPage.vue"), meta: member },
  { path: "/balance", name: "balance", component: () => import("./pages/BalancePage.vue"), meta: member },
  { path: "/memberships", name: "memberships", component: () => import("./pages/MembershipsPage.vue") },
  { path: "/survey", name: "survey", component: () => import("./pages/SurveyPage.vue"), meta: member },
  { path: "/coupons", name: "coupons", component: () => import("./pages/CouponsPage.vue"), meta: member },
  { path: "/coupon-centre", name: "couponCentre", component: () => import("./pages/CouponCentrePage.vue") },
  { path: "/favourites", name: "favourites", component: () => import("./pages/GoodsPage.vue"), props: { list: "favourites" }, meta: member },
  { path: "/footprints", name: "footprints", component: () => import("./pages/GoodsPage.vue"), props: { list: "footprints" }, meta: member },
  ...(["passengers", "payers", "vehicles", "titles"] as const).flatMap((book): RouteRecordRaw[] => [
    { path: `/${book}`, name: book, component: () => import("./pages/RecordsPage.vue"), props: { book }, meta: member },
    { path: `/${book}/:id`, name: `${book}.one`, component: () => import("./pages/RecordPage.vue"), props: ({ params }) => ({ book, id: params.id }), meta: member },
  ]),
  { path: "/tickets", name: "tickets", component: () => import("./pages/TicketsPage.vue") },
  { path: "/tickets/booking", name: "booking", component: () => import("./pages/BookingPage.vue"), meta: { ...member, changes: true } },
  { path: "/tickets/:code", name: "admission", component: () => import("./pages/AdmissionPage.vue"), props: true },
  { path: "/tickets/:code/sessions/:id", name: "seats", component: () => import("./pages/SeatsPage.vue"), props: true },
  { path: "/ticket-orders", name: "ticketOrders", component: () => import("./pages/TicketOrdersPage.vue"), meta: member },
  { path: "/ticket-orders/:number", name: "ticketOrder", component: () => import("./pages/TicketOrderPage.vue"), props: true, meta: buyer },
  { path: "/ticket-orders/:number/refund", name: "ticketRefund", component: () => import("./pages/TicketRefundPage.vue"), props: true, meta: buyer },
  { path: "/ticket-orders/:number/change", name: "ticketChange", component: () => import("./pages/TicketChangePage.vue"), props: true, meta: buyer },
  { path: "/ticket-orders/:number/missed", name: "ticketMissed", component: () => import("./pages/TicketMissedPage.vue"), props: true, meta: buyer },
  { path: "/ticket-orders/:number/holder", name: "ticketHolder", component: () => import("./pages/TicketHolderPage.vue"), props: true, meta: buyer },
  { path: "/ticket-orders/:number/address", name: "ticketAddress", component: () => import("./pages/TicketAddressPage.vue"), props: true, meta: buyer },
  { path: "/ticket-orders/:number/invoice", name: "ticketInvoice", component: () => import("./pages/TicketInvoicePage.vue"), props: true, meta: buyer },
  { path: "/coach", name: "coach", component: () => import("./pages/CoachPage.vue") },
  { path: "/coach/shifts", name: "coachShifts", component: () => import("./pages/CoachShiftsPage.vue") },
  { path: "/coach/shifts/:id", name: "coachShift", component: () => import("./pages/CoachShiftPage.vue"), props: true },
  // not only for who is logged in: what the phone keeps lets in when a login has expired on the way
  { path: "/vouchers/:number?", name: "vouchers", component: () => import("./pages/VouchersPage.vue"), props: true },
  { path: "/passes/:number", name: "passes", component: () => import("./pages/PassesPage.vue"), props: true },
  { path: "/guest-vouchers", name: "guestVouchers", component: () => import("./pages/GuestPage.vue") },
  { path: "/g/:link", name: "guest", component: () => import("./pages/GuestPage.vue"), props: true },
  { path: "/ticket-waitings", name: "waitings", component: () => import("./pages/WaitingsPage.vue"), meta: member },
  { path: "/:rest(.*)*", name: "lost", component: () => import("./pages/LostPage.vue") },
];

export const router = createRouter({
  history: createWebHistory("/h5/"),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

let begun = false;
router.beforeEach(async (to) => {
  const first = !begun;
  begun = true;
  // what stands behind "#" opens a guest's order: it is told to no server
  if (first && to.name !== "login" && !to.hash && (await knock(to.fullPath))) return false;
  const number = String(to.params.number ?? "");
  // a guest's link: opened as his vouchers are, and it stands neither in the history nor in what is shared
  if (to.meta.guest && !session.token && opened(number, to.hash)) return { path: to.path, query: to.query, replace: true };
  if (to.meta.guest && !session.token && isGuests(number)) {
    // the pass of an hour may be over: another code, and back to the order
    return Object.keys(accessTo(number)).length > 0 || { name: "guestVouchers", query: { number }, replace: true };
  }
  // another day in the place of what a guest has
  if (to.meta.changes && acts(booking().instead)) return true;
  if (to.meta.member && !session.token) return { name: "login", query: { to: to.fullPath }, replace: true };
  return true;
});

router.afterEach((to, _from, failure) => {
  if (!failure) missing.value = "";
  document.title = titles[String(to.name)] ?? t.brand;
});

// A page of an older version asks for a part that the new version no longer has: take the new version, once. What is not
// there then is not to be had now: without a network nothing is taken anew.
router.onError((error: Error, to) => {
  const once = "o2o.h5.reloaded";
  if (!/dynamically imported|module script|preload/i.test(error.message)) return;
  if (navigator.onLine && sessionStorage.getItem(once) !== to.fullPath) {
    sessionStorage.setItem(once, to.fullPath);
    location.assign(`/h5${to.fullPath}`);
  } else missing.value = to.fullPath;
});
