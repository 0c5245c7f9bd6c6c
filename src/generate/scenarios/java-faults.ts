import {
  AOP_TRANSACTION,
  frames,
  HIKARI_TIMEOUT,
  LAMBDA_STREAM,
  REST_CLIENT,
  SCHEDULED,
  SOCKET_READ,
  SPRING_MVC,
  TOMCAT,
  TRANSACTION_BEGIN,
} from '../frames/java.ts'
import { type Scenario, step } from '../scenario.ts'

const HTTP_THREAD = 'http-nio-8080-exec-<<int 1 200>>'

const POOL_TIMEOUT =
  'HikariPool-1 - Connection is not available, request timed out after <<int 30000 30040>>ms (total=10, active=10, idle=0, waiting=<<count 4 63>>)'

export const DB_POOL_EXHAUSTED: Scenario = {
  id: 'db-pool-exhausted',
  title: { ko: 'DB 커넥션 풀 고갈 (배포 1.14.2 이후)', en: 'Database connection pool exhausted after release 1.14.2' },
  rollOut: { service: 'payment-service', version: '1.14.2' },
  steps: [
    step({
      on: 'once',
      delay: [20, 60],
      service: 'payment-service',
      level: 'INFO',
      logger: 'com.shop.payment.PaymentApplication',
      thread: 'main',
      text: 'Started PaymentApplication v1.14.2 in <<decimal 7 11>> seconds (process running for <<decimal 12 14>>)',
    }),
    ...(
      [
        [120, 260],
        [280, 420],
        [440, 600],
      ] as const
    ).map((delay) =>
      step({
        on: 'turn',
        delay,
        cause: true,
        service: 'payment-service',
        level: 'WARN',
        logger: 'org.hibernate.SQL_SLOW',
        thread: HTTP_THREAD,
        text: 'Slow query took <<int 8200 29800>> ms: select p.id, p.order_no, p.amount, p.status from payment p left join payment_history h on h.payment_id = p.id where p.customer_id = <<count 10000 99999>> order by h.created_at desc',
      }),
    ),
    step({
      service: 'payment-service',
      logger: 'com.shop.payment.api.PaymentController',
      thread: HTTP_THREAD,
      text:
        'Failed to approve payment <<paymentId>> for order <<orderNo>>: Could not open JPA EntityManager for transaction' +
        '\norg.springframework.transaction.CannotCreateTransactionException: Could not open JPA EntityManager for transaction' +
        TRANSACTION_BEGIN +
        AOP_TRANSACTION +
        frames(
          'com.shop.payment.service.PaymentService$$SpringCGLIB$$<<int 0 2>>.approve(<generated>)',
          'com.shop.payment.api.PaymentController.approve(PaymentController.java:58)',
        ) +
        SPRING_MVC +
        `\nCaused by: org.hibernate.exception.JDBCConnectionException: Unable to acquire JDBC Connection [${POOL_TIMEOUT}] [n/a]` +
        frames(
          'org.hibernate.exception.internal.SQLExceptionTypeDelegate.convert(SQLExceptionTypeDelegate.java:~51)',
          'org.hibernate.resource.jdbc.internal.LogicalConnectionManagedImpl.acquireConnectionIfNeeded(LogicalConnectionManagedImpl.java:~113)',
        ) +
        '\n\t... <<int 62 78>> common frames omitted' +
        `\nCaused by: java.sql.SQLTransientConnectionException: ${POOL_TIMEOUT}` +
        HIKARI_TIMEOUT +
        '\n\t... <<count 63 84>> common frames omitted',
    }),
  ],
}

export const OUT_OF_MEMORY: Scenario = {
  id: 'out-of-memory',
  title: { ko: '재고 서비스 힙 메모리 부족', en: 'Inventory service out of Java heap' },
  steps: [
    step({
      on: 'turn',
      delay: [50, 400],
      service: 'inventory-service',
      level: 'WARN',
      logger: 'com.shop.inventory.infra.GcMonitor',
      thread: 'Service Thread',
      text: 'GC overhead: G1 Old Generation pause <<int 2100 6400>> ms, heap <<count 1980 2044>>M of 2048M after collection',
    }),
    step({
      cause: true,
      service: 'inventory-service',
      logger: 'org.springframework.scheduling.support.TaskUtils$LoggingErrorHandler',
      thread: 'scheduling-<<int 1 4>>',
      text:
        'Unexpected error occurred in scheduled task: stock report of warehouse <<warehouse>> (<<comma 310000 940000>> rows)' +
        '\njava.lang.OutOfMemoryError: Java heap space' +
        frames(
          'java.base/java.util.Arrays.copyOf(Arrays.java:~3537)',
          'java.base/java.util.ArrayList.grow(ArrayList.java:~237)',
          'java.base/java.util.ArrayList.add(ArrayList.java:~495)',
          'com.shop.inventory.report.StockReportExporter.lambda$collectRows$<<int 0 6>>(StockReportExporter.java:88)',
        ) +
        LAMBDA_STREAM +
        frames(
          'com.shop.inventory.report.StockReportExporter.collectRows(StockReportExporter.java:86)',
          'com.shop.inventory.report.StockReportExporter.export(StockReportExporter.java:52)',
          'com.shop.inventory.report.StockReportJob.run(StockReportJob.java:31)',
          'java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:~103)',
          'java.base/java.lang.reflect.Method.invoke(Method.java:~580)',
        ) +
        SCHEDULED,
    }),
  ],
}

export const NULL_POINTER: Scenario = {
  id: 'null-pointer',
  title: { ko: '주문 쿠폰 계산 중 NullPointerException', en: 'NullPointerException while pricing an order' },
  steps: [
    step({
      cause: true,
      service: 'order-service',
      logger: 'com.shop.order.api.OrderExceptionHandler',
      thread: HTTP_THREAD,
      text:
        'Unhandled exception for POST /api/v1/orders (user <<userId>>, order <<orderNo>>)' +
        '\njava.lang.NullPointerException: Cannot invoke "com.shop.order.domain.Coupon.discountRate()" because the return value of "com.shop.order.domain.OrderDraft.coupon()" is null' +
        frames(
          'com.shop.order.pricing.PriceCalculator.applyCoupon(PriceCalculator.java:74)',
          'com.shop.order.pricing.PriceCalculator.lambda$total$<<int 0 5>>(PriceCalculator.java:51)',
        ) +
        LAMBDA_STREAM +
        frames(
          'com.shop.order.pricing.PriceCalculator.total(PriceCalculator.java:49)',
          'com.shop.order.service.OrderService.place(OrderService.java:112)',
        ) +
        AOP_TRANSACTION +
        frames(
          'com.shop.order.service.OrderService$$SpringCGLIB$$<<int 0 2>>.place(<generated>)',
          'com.shop.order.api.OrderController.place(OrderController.java:66)',
        ) +
        SPRING_MVC +
        TOMCAT,
    }),
  ],
}

export const DOWNSTREAM_TIMEOUT: Scenario = {
  id: 'downstream-timeout',
  title: { ko: '재고 서비스 호출 타임아웃', en: 'Order service times out calling inventory' },
  steps: [
    step({
      on: 'turn',
      delay: [30, 300],
      service: 'inventory-service',
      level: 'WARN',
      logger: 'com.shop.inventory.api.ReservationController',
      thread: HTTP_THREAD,
      text: 'POST /internal/v1/reservations took <<int 5100 9800>> ms (lock wait <<count 4800 5090>> ms)',
    }),
    step({
      cause: true,
      service: 'order-service',
      logger: 'com.shop.order.client.InventoryClient',
      thread: HTTP_THREAD,
      text:
        'Stock reservation failed for order <<orderNo>> after <<int 5001 5044>> ms' +
        '\norg.springframework.web.client.ResourceAccessException: I/O error on POST request for "http://inventory-service.shop.svc.cluster.local:8080/internal/v1/reservations": Read timed out' +
        REST_CLIENT +
        frames(
          'com.shop.order.client.InventoryClient.reserve(InventoryClient.java:47)',
          'com.shop.order.service.OrderService.reserveStock(OrderService.java:168)',
          'com.shop.order.service.OrderService.place(OrderService.java:119)',
        ) +
        AOP_TRANSACTION +
        frames(
          'com.shop.order.service.OrderService$$SpringCGLIB$$<<int 0 2>>.place(<generated>)',
          'com.shop.order.api.OrderController.place(OrderController.java:66)',
        ) +
        SPRING_MVC +
        '\nCaused by: java.net.SocketTimeoutException: Read timed out' +
        SOCKET_READ +
        '\n\t... <<int 58 71>> common frames omitted',
    }),
  ],
}

const DEADLOCK = 'Deadlock found when trying to get lock; try restarting transaction'

export const DEADLOCK_LOSER: Scenario = {
  id: 'deadlock',
  title: { ko: '주문 재고 차감 데드락', en: 'MySQL deadlock while changing an order' },
  steps: [
    step({
      cause: true,
      service: 'order-service',
      logger: 'com.shop.order.service.OrderCancellation',
      thread: 'order-events-<<int 0 3>>-C-1',
      text:
        'Cancelling order <<orderNo>> failed, customer <<nameKo>>' +
        `\norg.springframework.dao.DeadlockLoserDataAccessException: PreparedStatementCallback; SQL [update order_item set status = ?, updated_at = ? where order_id = ?]; ${DEADLOCK}` +
        frames(
          'org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator.doTranslate(SQLErrorCodeSQLExceptionTranslator.java:~304)',
          'org.springframework.jdbc.support.AbstractFallbackSQLExceptionTranslator.translate(AbstractFallbackSQLExceptionTranslator.java:~107)',
          'org.springframework.jdbc.core.JdbcTemplate.translateException(JdbcTemplate.java:~1556)',
          'org.springframework.jdbc.core.JdbcTemplate.execute(JdbcTemplate.java:~677)',
          'org.springframework.jdbc.core.JdbcTemplate.update(JdbcTemplate.java:~972)',
          'com.shop.order.infra.OrderItemRepository.markCancelled(OrderItemRepository.java:93)',
          'com.shop.order.service.OrderCancellation.cancel(OrderCancellation.java:57)',
        ) +
        AOP_TRANSACTION +
        frames(
          'com.shop.order.service.OrderCancellation$$SpringCGLIB$$<<int 0 2>>.cancel(<generated>)',
          'com.shop.order.events.OrderEventListener.onCancelled(OrderEventListener.java:40)',
          'org.springframework.kafka.listener.KafkaMessageListenerContainer$ListenerConsumer.invokeListener(KafkaMessageListenerContainer.java:~2806)',
          'java.base/java.lang.Thread.run(Thread.java:~1583)',
        ) +
        `\nCaused by: com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException: ${DEADLOCK}` +
        frames(
          'com.mysql.cj.jdbc.exceptions.SQLError.createSQLException(SQLError.java:~123)',
          'com.mysql.cj.jdbc.ClientPreparedStatement.executeInternal(ClientPreparedStatement.java:~916)',
          'com.mysql.cj.jdbc.ClientPreparedStatement.executeUpdate(ClientPreparedStatement.java:~1061)',
          'com.zaxxer.hikari.pool.ProxyPreparedStatement.executeUpdate(ProxyPreparedStatement.java:~61)',
        ) +
        '\n\t... <<int 12 19>> common frames omitted',
    }),
  ],
}
