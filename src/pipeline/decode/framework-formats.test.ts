import { describe, expect, it } from 'vitest'
import {
  AT,
  type Case,
  DOTNET,
  GO,
  JAVA,
  NODE,
  PYTHON,
  readings,
  SPAN,
  TRACE,
  UNTIMED,
  WHOLE,
} from './format.test-data.ts'
import { decodeText } from './wire.test-data.ts'

const SPRING = '2026-01-20 20:00:00.123 ERROR'
const LINES: readonly Case[] = [
  [
    'logfmt',
    `time=2026-01-20T20:00:00.123+09:00 level=ERROR service=orders msg="주문 실패" err="dial tcp: refused" trace_id=${TRACE} span_id=${SPAN}`,
    { level: 'ERROR', at: AT, service: 'orders', message: '주문 실패: dial tcp: refused', trace: TRACE, span: SPAN },
  ],
  [
    'logrus',
    'time="2026-01-20T20:00:00+09:00" level=fatal msg="order failed" error="refused"',
    { level: 'FATAL', at: WHOLE, message: 'order failed: refused' },
  ],
  [
    'Spring Boot 2',
    `${SPRING} 1 --- [nio-8080-exec-1] c.acme.OrderController                   : 주문 실패 orderId=7`,
    {
      level: 'ERROR',
      at: AT,
      logger: 'c.acme.OrderController',
      thread: 'nio-8080-exec-1',
      message: '주문 실패 orderId=7',
    },
  ],
  [
    'Spring Boot 2 with a stack trace',
    `${SPRING} 1 --- [main] c.acme.Order : 주문 실패\n${JAVA}`,
    {
      level: 'ERROR',
      at: AT,
      message: '주문 실패',
      exception: ['java.lang.IllegalStateException: 재고 부족', 'java.sql.SQLException'],
    },
  ],
  [
    'Spring Boot 3',
    '2026-01-20T20:00:00.123+09:00 ERROR 1 --- [order-service] [nio-8080-exec-1] c.acme.OrderController : order failed',
    {
      level: 'ERROR',
      at: AT,
      service: 'order-service',
      logger: 'c.acme.OrderController',
      thread: 'nio-8080-exec-1',
      message: 'order failed',
    },
  ],
  [
    'Spring Boot 3 with tracing',
    `2026-01-20T20:00:00.123+09:00 ERROR 1 --- [order-service] [main] [${TRACE}-${SPAN}] c.acme.Order : order failed`,
    { service: 'order-service', thread: 'main', message: 'order failed', trace: TRACE, span: SPAN },
  ],
  [
    'Spring Cloud Sleuth',
    `${SPRING} [order-service,${TRACE},${SPAN}] 1 --- [main] c.acme.Order : order failed`,
    {
      service: 'order-service',
      thread: 'main',
      logger: 'c.acme.Order',
      message: 'order failed',
      trace: TRACE,
      span: SPAN,
    },
  ],
  [
    'Logback without a configuration',
    '20:00:00.123 [http-nio-8080-exec-1] ERROR com.acme.OrderService -- 주문 실패',
    {
      level: 'ERROR',
      at: UNTIMED,
      logger: 'com.acme.OrderService',
      thread: 'http-nio-8080-exec-1',
      message: '주문 실패',
    },
  ],
  [
    'Log4j 2 without a configuration',
    '20:00:00.123 [main] ERROR com.acme.Order - order failed',
    { level: 'ERROR', logger: 'com.acme.Order', thread: 'main', message: 'order failed' },
  ],
  [
    'Log4j 1 with file and line',
    '2026-01-20 20:00:00,123 ERROR [main] com.acme.Order (Order.java:42) - order failed',
    { level: 'ERROR', at: AT, logger: 'com.acme.Order', thread: 'main', message: 'order failed' },
  ],
  [
    'Log4j 1 with a colon',
    '2026-01-20 20:00:00,123 WARN com.acme.Order: slow',
    { level: 'WARN', at: AT, logger: 'com.acme.Order', message: 'slow' },
  ],
  [
    'Log4j TTCC',
    '1234 [main] ERROR com.acme.Order  - order failed',
    { level: 'ERROR', at: UNTIMED, logger: 'com.acme.Order', thread: 'main', message: 'order failed' },
  ],
  [
    'Sidekiq',
    '2026-01-20T11:00:00.123Z pid=17 tid=a1b class=PlaceOrder jid=7f3c ERROR: order failed',
    { level: 'ERROR', at: AT, message: 'order failed' },
  ],
  ['logrus on a terminal', 'ERRO[0003] order failed', { level: 'ERROR', at: UNTIMED, message: 'order failed' }],
  [
    'java.util.logging',
    `Jan 20, 2026 8:00:00 PM com.acme.Order place\nSEVERE: order failed\n${JAVA}`,
    {
      level: 'ERROR',
      at: WHOLE,
      logger: 'com.acme.Order',
      message: 'order failed',
      exception: ['java.lang.IllegalStateException: 재고 부족', 'java.sql.SQLException'],
    },
  ],
  [
    'java.util.logging in Korean',
    '1월 20, 2026 8:00:00 오후 com.acme.Order place\n경고: 응답이 느립니다',
    { level: 'WARN', at: WHOLE, logger: 'com.acme.Order', message: '응답이 느립니다' },
  ],
  [
    'Python logging, basicConfig',
    'ERROR:app.orders:order failed',
    { level: 'ERROR', at: UNTIMED, logger: 'app.orders', message: 'order failed' },
  ],
  [
    'Python logging, the form of its manual',
    '2026-01-20 20:00:00,123 - app.orders - CRITICAL - 주문 실패',
    { level: 'FATAL', at: AT, logger: 'app.orders', message: '주문 실패' },
  ],
  [
    'Python logging with a traceback',
    `2026-01-20 20:00:00,123 ERROR [app.orders] order failed\n${PYTHON}`,
    { level: 'ERROR', at: AT, logger: 'app.orders', message: 'order failed', exception: ['ValueError: bad'] },
  ],
  [
    'Python logging with OpenTelemetry',
    `2026-01-20 20:00:00,123 ERROR [app.orders] [orders.py:42] [trace_id=${TRACE} span_id=${SPAN} resource.service.name=orders trace_sampled=True] - order failed`,
    { level: 'ERROR', service: 'orders', logger: 'app.orders', message: 'order failed', trace: TRACE, span: SPAN },
  ],
  [
    'loguru',
    '2026-01-20 20:00:00.123 | ERROR    | app.orders:place:42 - order failed',
    { level: 'ERROR', at: AT, message: 'order failed' },
  ],
  [
    'structlog on a console',
    '2026-01-20T11:00:00.123Z [error    ] order failed',
    { level: 'ERROR', at: AT, message: 'order failed' },
  ],
  [
    'uvicorn',
    `ERROR:    Exception in ASGI application\n${PYTHON}`,
    { level: 'ERROR', at: UNTIMED, message: 'Exception in ASGI application', exception: ['ValueError: bad'] },
  ],
  [
    'gunicorn',
    '[2026-01-20 20:00:00 +0900] [17] [CRITICAL] WORKER TIMEOUT (pid:21)',
    { level: 'FATAL', at: WHOLE, message: 'WORKER TIMEOUT (pid:21)' },
  ],
  [
    'Celery',
    "[2026-01-20 20:00:00,123: ERROR/ForkPoolWorker-1] Task orders.place[1] raised unexpected: ValueError('bad')",
    {
      level: 'ERROR',
      at: AT,
      thread: 'ForkPoolWorker-1',
      message: "Task orders.place[1] raised unexpected: ValueError('bad')",
    },
  ],
  [
    'Airflow',
    '[2026-01-20T20:00:00.123+0900] {taskinstance.py:1824} ERROR - Task failed with exception',
    { level: 'ERROR', at: AT, message: 'Task failed with exception' },
  ],
  [
    'Django',
    `Internal Server Error: /orders/\n${PYTHON}`,
    { level: 'ERROR', at: UNTIMED, message: 'Internal Server Error: /orders/', exception: ['ValueError: bad'] },
  ],
  [
    'Django, the verbose form of its manual',
    'ERROR 2026-01-20 20:00:00,123 views 17 140735 주문 실패',
    { level: 'ERROR', at: AT, logger: 'views', message: '주문 실패' },
  ],
  [
    "Django's runserver",
    '[20/Jan/2026 20:00:00] "GET /orders/ HTTP/1.1" 500 145',
    { level: 'ERROR', at: WHOLE, message: '"GET /orders/ HTTP/1.1" 500 145' },
  ],
  [
    'Rails',
    "F, [2026-01-20T20:00:00.123456 #17] FATAL -- : [2c1e4a52]   \n[2c1e4a52] NoMethodError (undefined method 'id' for nil):\n[2c1e4a52]   \n[2c1e4a52] app/controllers/orders_controller.rb:7:in 'show'",
    {
      level: 'FATAL',
      at: AT,
      message: "NoMethodError: undefined method 'id' for nil",
      exception: ["NoMethodError: undefined method 'id' for nil"],
    },
  ],
  [
    "Ruby's logger",
    "E, [2026-01-20T20:00:00.123456 #17] ERROR -- orders: bad (ArgumentError)\n/app/a.rb:3:in 'f'",
    { level: 'ERROR', at: AT, logger: 'orders', message: 'bad (ArgumentError)', exception: ['ArgumentError: bad'] },
  ],
  [
    "Go's log",
    '2026/01/20 20:00:00 order failed: refused',
    { level: 'ERROR', at: WHOLE, service: 'unknown', message: 'order failed: refused' },
  ],
  [
    "Go's log with flags",
    '2026/01/20 20:00:00.123456 main.go:42: 주문 처리 실패',
    { level: 'ERROR', at: AT, logger: 'main.go:42', message: '주문 처리 실패' },
  ],
  [
    "Go's net/http",
    '2026/01/20 20:00:00 http: panic serving 10.0.0.1:5000: boom\ngoroutine 19 [running]:\nmain.handler({0x7, 0x8}, 0xc)\n\t/app/main.go:12 +0x25',
    { level: 'ERROR', at: WHOLE, exception: ['panic: boom'] },
  ],
  [
    'zap on a console',
    `2026-01-20T20:00:00.123+0900\tERROR\torder\torder/main.go:42\torder failed\t{"error": "refused"}\n${GO}`,
    {
      level: 'ERROR',
      at: AT,
      logger: 'order',
      message: 'order failed: refused',
      exception: ['error: order failed: refused'],
    },
  ],
  [
    'Laravel',
    '[2026-01-20 20:00:00] production.ERROR: order failed {"exception":"[object] (RuntimeException(code: 0): bad at /app/a.php:3)\n[stacktrace]\n#0 /app/b.php(4): Foo->f()\n#1 {main}\n"}',
    { level: 'ERROR', at: WHOLE, exception: ['RuntimeException: bad'] },
  ],
  [
    'PHP',
    '[20-Jan-2026 20:00:00 Asia/Seoul] PHP Fatal error:  Uncaught RuntimeException: bad in /app/a.php:3\nStack trace:\n#0 /app/b.php(4): Foo->bar()\n#1 {main}\n  thrown in /app/a.php on line 3',
    { level: 'ERROR', at: WHOLE, exception: ['RuntimeException: bad'] },
  ],
  [
    '.NET on a console',
    `fail: Acme.Orders[0]\n      주문 실패\n      ${DOTNET.replace('\n', '\n      ')}`,
    {
      level: 'ERROR',
      at: UNTIMED,
      logger: 'Acme.Orders',
      message: '주문 실패',
      exception: ['System.InvalidOperationException: bad'],
    },
  ],
  [
    'Serilog in a file',
    '2026-01-20 20:00:00.123 +09:00 [ERR] Order 7 failed',
    { level: 'ERROR', at: AT, message: 'Order 7 failed' },
  ],
  [
    "Rust's tracing",
    '2026-01-20T11:00:00.123456Z ERROR orders::db: order failed',
    { level: 'ERROR', at: AT, logger: 'orders::db', message: 'order failed' },
  ],
  [
    "Rust's env_logger",
    '[2026-01-20T11:00:00Z ERROR orders] order failed',
    { level: 'ERROR', at: WHOLE, logger: 'orders', message: 'order failed' },
  ],
  [
    'NestJS',
    `[Nest] 17  - 01/20/2026, 8:00:00 PM   ERROR [ExceptionsHandler] order failed\n${NODE}`,
    { level: 'ERROR', at: WHOLE, message: 'order failed', exception: ['TypeError: x is undefined'] },
  ],
  [
    'NestJS in a Korean locale',
    '[Nest] 17  - 2026. 1. 20. 오후 8:00:00   ERROR [ExceptionsHandler] 주문 실패',
    { level: 'ERROR', at: WHOLE, message: '주문 실패' },
  ],
]

describe('lines of a framework', () => {
  it.each(LINES)('of %s are read', (_name, text, wanted) => {
    expect(readings(text)).toMatchObject([[wanted], [wanted], [wanted]])
  })
})

describe('lines that only look like those of a framework', () => {
  it.each([
    ['2026-01-20 20:00:00 order failed: refused', 'order failed: refused'],
    ['2026-01-20 20:00:00 user@shop said: hello', 'user@shop said: hello'],
    ['[2026-01-20 20:00:00] Error: no file (see docs)', 'no file (see docs)'],
    ['Internal Server Error: see the log', 'Internal Server Error: see the log'],
    ['info: all is well', 'all is well'],
  ])('keep their words: %s', (text, message) => {
    expect(decodeText(text).records[0]).toMatchObject({ message, service: 'unknown' })
  })
})
