// The words of tickets that the first page needs; the others come with the pages of tickets.
export const ticketTitles = {
  tickets: "门票演出", admission: "门票详情", seats: "选座", booking: "填写订单", coach: "汽车票", coachShifts: "选择班次", coachShift: "班次详情",
  ticketOrders: "我的车票门票", ticketOrder: "票务订单", vouchers: "电子门票", guest: "打开票务订单", guestVouchers: "查找车票门票", passes: "进站二维码", ticketRefund: "退票", ticketChange: "改签", ticketMissed: "误班改乘", ticketHolder: "更改实名", ticketAddress: "改收件地址", waitings: "缺货登记和抽签", ticketInvoice: "开具发票",
};
export const ticketHome = { tickets: "门票演出", coach: "汽车票", orders: "车票门票", guest: "未登录买的票" };
