import { AOP_TRANSACTION, frames, REST_CLIENT, SOCKET_READ, SPRING_MVC, TOMCAT } from '../frames/java.ts'
import { type Scenario, step } from '../scenario.ts'

const HTTP_THREAD = 'http-nio-8080-exec-<<int 1 200>>'

/** One request fails in three services; only the first failure is the cause. */
export const CASCADE: Scenario = {
  id: 'cascade',
  title: {
    ko: '연쇄 장애: 재고 메모리 부족 → 주문 타임아웃 → 결제 실패',
    en: 'Cascade: inventory out of memory, then order timeouts, then failed payments',
  },
  steps: [
    step({
      cause: true,
      service: 'inventory-service',
      logger: 'org.apache.catalina.core.ContainerBase.[Tomcat].[localhost].[/].[dispatcherServlet]',
      thread: HTTP_THREAD,
      text:
        'Servlet.service() for servlet [dispatcherServlet] threw exception [Handler dispatch failed: java.lang.OutOfMemoryError: Java heap space] with root cause' +
        '\njava.lang.OutOfMemoryError: Java heap space' +
        frames(
          'java.base/java.util.HashMap.resize(HashMap.java:~710)',
          'java.base/java.util.HashMap.putVal(HashMap.java:~635)',
          'com.shop.inventory.cache.StockSnapshotCache.load(StockSnapshotCache.java:97)',
          'com.shop.inventory.cache.StockSnapshotCache.get(StockSnapshotCache.java:61)',
          'com.shop.inventory.service.ReservationService.reserve(ReservationService.java:84)',
        ) +
        AOP_TRANSACTION +
        frames(
          'com.shop.inventory.service.ReservationService$$SpringCGLIB$$<<int 0 2>>.reserve(<generated>)',
          'com.shop.inventory.api.ReservationController.reserve(ReservationController.java:44)',
        ) +
        SPRING_MVC +
        TOMCAT,
    }),
    step({
      delay: [300, 900],
      service: 'order-service',
      logger: 'com.shop.order.client.InventoryClient',
      thread: HTTP_THREAD,
      text:
        'Stock lookup for <<orderNo>> gave up after <<int 3001 3060>> ms' +
        '\norg.springframework.web.client.ResourceAccessException: I/O error on POST request for "http://inventory-service.shop.svc.cluster.local:8080/internal/v1/stock/lookup": Read timed out' +
        REST_CLIENT +
        frames(
          'com.shop.order.client.InventoryClient.lookup(InventoryClient.java:71)',
          'com.shop.order.service.CheckoutService.checkStock(CheckoutService.java:93)',
          'com.shop.order.service.CheckoutService.checkout(CheckoutService.java:58)',
          'com.shop.order.api.CheckoutController.checkout(CheckoutController.java:39)',
        ) +
        SPRING_MVC +
        '\nCaused by: java.net.SocketTimeoutException: Read timed out' +
        SOCKET_READ +
        '\n\t... <<int 41 55>> common frames omitted',
    }),
    step({
      delay: [1000, 2400],
      service: 'payment-service',
      logger: 'com.shop.payment.api.PaymentExceptionHandler',
      thread: HTTP_THREAD,
      text:
        'Payment <<paymentId>> cancelled: order <<orderNo>> is not confirmed (customer <<nameKo>>, <<won>> KRW)' +
        '\ncom.shop.payment.domain.OrderNotConfirmedException: order <<orderNo>> was not confirmed within 3 s' +
        frames(
          'com.shop.payment.service.CaptureService.awaitConfirmation(CaptureService.java:103)',
          'com.shop.payment.service.CaptureService.capture(CaptureService.java:66)',
        ) +
        AOP_TRANSACTION +
        frames(
          'com.shop.payment.service.CaptureService$$SpringCGLIB$$<<int 0 2>>.capture(<generated>)',
          'com.shop.payment.api.CaptureController.capture(CaptureController.java:35)',
        ) +
        SPRING_MVC +
        '\nCaused by: feign.FeignException$GatewayTimeout: [504 Gateway Timeout] during [GET] to [http://order-service.shop.svc.cluster.local:8080/internal/v1/orders/<<orderNo>>/confirmation] [OrderClient#confirmation(String)]' +
        frames(
          'feign.FeignException.serverErrorStatus(FeignException.java:~261)',
          'feign.codec.ErrorDecoder$Default.decode(ErrorDecoder.java:~103)',
          'feign.SynchronousMethodHandler.invoke(SynchronousMethodHandler.java:~72)',
          'jdk.proxy2/jdk.proxy2.$Proxy<<count 120 240>>.confirmation(Unknown Source)',
        ) +
        '\n\t... <<int 33 47>> common frames omitted',
    }),
  ],
}
