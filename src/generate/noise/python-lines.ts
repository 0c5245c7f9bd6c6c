import type { NoiseLine } from './noise.ts'

const shipping = { service: 'shipping-service', level: 'INFO', thread: 'MainThread' } as const
const notification = { service: 'notification-service', level: 'INFO', thread: 'ForkPoolWorker-<<int 1 8>>' } as const

/** Everyday lines of the Python services. */
// biome-ignore format: one line of log is one line here
export const PYTHON_LINES: readonly NoiseLine[] = [
  { ...shipping, weight: 20, logger: 'uvicorn.access', text: '<<podIp>>:<<int 30000 60000>> - "GET /api/v1/shipments/<<trackingNo>> HTTP/1.1" 200' },
  { ...shipping, weight: 12, logger: 'shipping.service', text: '배송 상태 변경: <<trackingNo>> 상품 준비 → 배송 중 (<<carrier>>)' },
  { ...shipping, weight: 6, logger: 'shipping.service', text: 'shipment <<trackingNo>> created for <<nameEn>>, <<address>>' },
  { ...shipping, weight: 2, level: 'WARN', logger: 'shipping.carriers', text: '<<carrier>> API 응답 지연: <<int 1200 4800>>ms' },
  { ...shipping, weight: 6, logger: 'uvicorn.access', text: '<<podIp>>:<<int 30000 60000>> - "POST /api/v1/shipments HTTP/1.1" 201' },
  { ...shipping, weight: 3, logger: 'shipping.labels', text: '송장 출력: <<trackingNo>> 받는 분 <<nameKo>> <<phone>>' },
  { ...shipping, weight: 1, level: 'DEBUG', logger: 'shipping.storage', text: 'volume /var/lib/labels: <<int 30 60>>% used' },

  { ...notification, weight: 16, logger: 'celery.app.trace', text: 'Task notification.tasks.send_order_push[<<uuid>>] succeeded in <<decimal 0 2>>s: None' },
  { ...notification, weight: 12, logger: 'notification.sms', text: '문자 발송 완료: <<phone>> (<<nameKo>>)' },
  { ...notification, weight: 8, logger: 'notification.email', text: 'mail queued to <<email>> template=order_confirmed id=<<uuid>>' },
  { ...notification, weight: 2, level: 'WARN', logger: 'notification.sms', text: 'SMS 재시도 <<int 1 2>>회 후 발송 성공: <<phone>>' },
  { ...notification, weight: 4, logger: 'notification.push', text: '푸시 발송 <<comma 200 9000>>건 완료, 실패 0건' },
  { ...notification, weight: 2, level: 'DEBUG', logger: 'kafka.coordinator.heartbeat', text: 'Heartbeat: notification[<<hex 8>>] generation <<int 20 400>>' },
]
