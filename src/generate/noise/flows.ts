import type { LineText } from '../scenario.ts'

/** A line of a request on its way; `delay` is milliseconds after the line before, up to twice that. */
interface FlowLine extends LineText {
  readonly delay: number
}

const HTTP_THREAD = 'http-nio-8080-exec-<<int 1 200>>'

/** Requests that cross services: the lines of one share their trace id and their numbers. */
// biome-ignore format: one line of log is one line here
export const FLOWS: readonly (readonly FlowLine[])[] = [
  [
    { delay: 0, service: 'order-service', level: 'INFO', logger: 'com.shop.order.service.OrderService', thread: HTTP_THREAD, text: '주문 접수: <<orderNo>> (고객 <<nameKo>>, 상품 <<count 1 6>>건, 금액 <<won>>원)' },
    { delay: 12, service: 'inventory-service', level: 'INFO', logger: 'com.shop.inventory.service.ReservationService', thread: HTTP_THREAD, text: '재고 예약 완료: <<orderNo>> <<sku>> <<count 1 6>>개 (창고 <<warehouse>>)' },
    { delay: 60, service: 'payment-service', level: 'INFO', logger: 'com.shop.payment.service.PaymentService', thread: HTTP_THREAD, text: '결제 승인 완료: <<orderNo>> <<card>> <<cardNo>> 승인번호 <<approvalNo>> 금액 <<won>>원' },
    { delay: 90, service: 'shipping-service', level: 'INFO', logger: 'shipping.service', thread: 'MainThread', text: '배송 접수: <<orderNo>> 운송장 <<trackingNo>> (<<carrier>>, <<address>>)' },
    { delay: 150, service: 'notification-service', level: 'INFO', logger: 'notification.tasks', thread: 'ForkPoolWorker-<<int 1 8>>', text: '알림톡 발송 완료: <<orderNo>> 수신 <<phone>>' },
  ],
  [
    { delay: 0, service: 'auth-service', level: 'INFO', logger: 'LoginController', thread: 'main', text: 'login succeeded user=<<userId>> ip=<<ip>> ua="<<userAgent>>"' },
    { delay: 20, service: 'user-service', level: 'INFO', logger: 'UsersService', thread: 'main', text: 'profile loaded user=<<userId>> email=<<email>> in <<count 4 40>> ms' },
    { delay: 900, service: 'order-service', level: 'INFO', logger: 'com.shop.order.service.OrderService', thread: HTTP_THREAD, text: 'Order <<orderNo>> placed by <<userId>>, <<count 1 6>> items, total <<won>> KRW' },
    { delay: 40, service: 'payment-service', level: 'INFO', logger: 'com.shop.payment.service.PaymentService', thread: HTTP_THREAD, text: 'Payment <<paymentId>> approved for <<orderNo>> (<<transactionId>>), <<won>> KRW' },
  ],
  [
    { delay: 0, service: 'order-service', level: 'INFO', logger: 'com.shop.order.service.OrderCancellation', thread: HTTP_THREAD, text: '주문 취소 요청: <<orderNo>> (고객 <<nameKo>>, 연락처 <<phone>>)' },
    { delay: 25, service: 'payment-service', level: 'INFO', logger: 'com.shop.payment.service.RefundService', thread: HTTP_THREAD, text: '환불 완료: <<orderNo>> <<won>>원 (<<card>>)' },
    { delay: 25, service: 'inventory-service', level: 'INFO', logger: 'com.shop.inventory.service.ReservationService', thread: HTTP_THREAD, text: '재고 예약 해제: <<orderNo>> <<sku>>' },
  ],
]
