import type { NoiseLine } from './noise.ts'

const HTTP_THREAD = 'http-nio-8080-exec-<<int 1 200>>'
const common = { thread: HTTP_THREAD, level: 'INFO' } as const
const order = { ...common, service: 'order-service' } as const
const payment = { ...common, service: 'payment-service' } as const
const inventory = { ...common, service: 'inventory-service' } as const

/** Everyday lines of the Spring services. */
// biome-ignore format: one line of log is one line here
export const JAVA_LINES: readonly NoiseLine[] = [
  { ...order, weight: 60, logger: 'com.shop.order.api.AccessLog', text: 'GET /api/v1/orders/<<orderId>> 200 <<int 4 80>>ms user=<<userId>>' },
  { ...order, weight: 35, logger: 'com.shop.order.api.AccessLog', text: 'POST /api/v1/orders 201 <<int 40 280>>ms user=<<userId>> ip=<<ip>>' },
  { ...order, weight: 30, logger: 'com.shop.order.service.OrderService', text: '주문 생성 완료: <<orderNo>> (고객 <<nameKo>>, <<productKo>> <<int 1 4>>개, <<won>>원)' },
  { ...order, weight: 20, logger: 'com.shop.order.service.OrderService', text: 'Order <<orderNo>> confirmed for <<nameEn>> <<<email>>>' },
  { ...order, weight: 12, level: 'DEBUG', logger: 'com.shop.order.infra.OrderRepository', text: 'findById(<<orderId>>) hit second-level cache' },
  { ...order, weight: 6, thread: 'scheduling-1', logger: 'com.shop.order.batch.UnpaidOrderSweeper', text: '미결제 주문 정리: 대상 <<int 0 40>>건, 오류 0건, 소요 <<count 20 900>>ms' },
  { ...order, weight: 3, level: 'WARN', logger: 'com.shop.order.client.InventoryClient', text: 'Slow response from inventory-service: <<int 900 2900>> ms (threshold 800 ms)' },
  { ...order, weight: 2, level: 'WARN', logger: 'com.shop.order.api.OrderController', text: '잘못된 요청: 수량은 1 이상이어야 합니다 (user <<userId>>)' },
  { ...order, weight: 2, thread: 'main', logger: 'io.github.resilience4j.circuitbreaker', text: "CircuitBreaker 'inventory' recorded a success, failure rate <<decimal 0 3>>%, state CLOSED" },
  { ...order, weight: 10, level: 'DEBUG', logger: 'com.shop.order.api.HealthController', text: 'GET /actuator/health/readiness 200 1ms' },
  { ...order, weight: 6, logger: 'com.shop.order.events.OrderEventPublisher', text: 'Published OrderPlaced(orderNo=<<orderNo>>) to order-events-<<int 0 11>>@<<count 100000 9999999>>' },
  { ...order, weight: 4, logger: 'com.shop.order.pricing.PriceCalculator', text: '쿠폰 적용: <<orderNo>> 할인 <<comma 1000 30000>>원, 최종 <<won>>원' },
  { ...order, weight: 2, thread: 'scheduling-1', logger: 'com.shop.order.batch.ErrorBudgetReport', text: 'Error budget report: error rate <<decimal 0 1>>% over 1 h, errors=<<count 0 3>>, budget left 9<<int 0 9>>%' },
  { ...order, weight: 2, logger: 'com.shop.order.api.OrderExceptionHandler', text: 'Validation rejected request: MethodArgumentNotValidException field=quantity user=<<userId>> (answered 400)' },

  { ...payment, weight: 40, logger: 'com.shop.payment.api.AccessLog', text: 'POST /api/v1/payments 200 <<int 80 420>>ms order=<<orderNo>>' },
  { ...payment, weight: 30, logger: 'com.shop.payment.service.PaymentService', text: '결제 승인: <<orderNo>> <<card>> <<cardNo>> <<won>>원 승인번호 <<approvalNo>>' },
  { ...payment, weight: 16, logger: 'com.shop.payment.gateway.PgClient', text: 'PG response resultCode=0000 tid=<<transactionId>> elapsed=<<int 60 380>>ms' },
  { ...payment, weight: 8, level: 'DEBUG', thread: 'HikariPool-1 housekeeper', logger: 'com.zaxxer.hikari.pool.HikariPool', text: 'HikariPool-1 - Pool stats (total=10, active=<<int 1 6>>, idle=<<count 4 9>>, waiting=0)' },
  { ...payment, weight: 4, thread: 'scheduling-1', logger: 'com.shop.payment.batch.Settlement', text: '정산 집계 완료: <<comma 1200 98000>>건, 합계 <<won>>원, 실패 0건' },
  { ...payment, weight: 3, level: 'WARN', logger: 'com.shop.payment.gateway.PgClient', text: 'Approval retried once and succeeded: tid=<<transactionId>>, first attempt timed out after <<int 2000 2100>> ms' },
  { ...payment, weight: 2, level: 'WARN', logger: 'com.shop.payment.service.PaymentService', text: '한도 초과로 승인 거절: 고객 <<nameKo>>, <<card>> (정상 거절)' },
  { ...payment, weight: 5, logger: 'com.shop.payment.service.RefundService', text: '부분 환불 접수: <<orderNo>> <<comma 1000 90000>>원 / 총 <<won>>원 (예금주 <<nameKo>>)' },
  { ...payment, weight: 3, thread: 'scheduling-2', logger: 'com.shop.payment.batch.FailureRetry', text: 'Retrying failed webhooks: 0 failed, 0 errors, next run in 60 s' },
  { ...payment, weight: 3, level: 'DEBUG', logger: 'com.shop.payment.fraud.RiskScore', text: 'score=<<int 1 40>> order=<<orderNo>> ip=<<ip>> device=<<hex 16>>' },
  { ...payment, weight: 1, level: 'WARN', logger: 'org.hibernate.SQL_SLOW', text: 'Slow query took <<int 510 1400>> ms: select count(*) from settlement where settled_on = <<count 20260101 20260131>>' },

  { ...inventory, weight: 40, logger: 'com.shop.inventory.api.AccessLog', text: 'GET /internal/v1/stock/<<sku>> 200 <<int 2 30>>ms' },
  { ...inventory, weight: 24, logger: 'com.shop.inventory.service.ReservationService', text: '재고 예약: <<productKo>> <<sku>> <<int 1 9>><<unit>> (창고 <<warehouse>>)' },
  { ...inventory, weight: 14, logger: 'com.shop.inventory.service.StockService', text: 'Stock of "<<productEn>>" (<<sku>>) is now <<int 0 900>>' },
  { ...inventory, weight: 5, thread: 'Service Thread', logger: 'com.shop.inventory.infra.GcMonitor', text: 'GC G1 Young Generation pause <<int 6 48>> ms, heap <<count 420 1310>>M of 2048M' },
  { ...inventory, weight: 3, level: 'WARN', logger: 'com.shop.inventory.service.StockService', text: '재고 부족 임박: <<productKo>>(<<sku>>) 잔여 <<int 1 5>><<unit>>' },
  { ...inventory, weight: 5, logger: 'com.shop.inventory.service.InboundService', text: '입고 완료: <<productKo>> <<int 10 500>><<unit>> (창고 <<warehouse>>, 담당 <<nameKo>>)' },
  { ...inventory, weight: 3, thread: 'scheduling-<<int 1 4>>', logger: 'com.shop.inventory.audit.StockAuditor', text: '재고 실사 완료: 대상 <<comma 800 9000>>건, 불일치 0건 (창고 <<warehouse>>)' },
  { ...inventory, weight: 2, level: 'WARN', thread: 'kafka-coordinator-heartbeat-thread | inventory', logger: 'org.apache.kafka.clients.NetworkClient', text: '[Consumer clientId=inventory-<<int 0 3>>, groupId=inventory] Node <<count 0 2>> disconnected.' },
  { ...inventory, weight: 2, thread: 'kafka-coordinator-heartbeat-thread | inventory', logger: 'org.apache.kafka.clients.consumer.internals.ConsumerCoordinator', text: '[Consumer clientId=inventory-<<int 0 3>>, groupId=inventory] Successfully joined group with generation Generation{generationId=<<count 20 400>>}' },
]
