/** Frames of Spring 6, Hibernate 6, HikariCP 5 and Tomcat 10, outermost last. `:~` marks a line that varies by build. */

const at = (...frames: string[]): string => frames.map((frame) => `\n\tat ${frame}`).join('')

export const AOP_TRANSACTION = at(
  'org.springframework.transaction.interceptor.TransactionAspectSupport.invokeWithinTransaction(TransactionAspectSupport.java:~379)',
  'org.springframework.transaction.interceptor.TransactionInterceptor.invoke(TransactionInterceptor.java:~119)',
  'org.springframework.aop.framework.ReflectiveMethodInvocation.proceed(ReflectiveMethodInvocation.java:~184)',
  'org.springframework.aop.framework.CglibAopProxy$DynamicAdvisedInterceptor.intercept(CglibAopProxy.java:~720)',
)

export const TRANSACTION_BEGIN = at(
  'org.springframework.orm.jpa.JpaTransactionManager.doBegin(JpaTransactionManager.java:~466)',
  'org.springframework.transaction.support.AbstractPlatformTransactionManager.startTransaction(AbstractPlatformTransactionManager.java:~531)',
  'org.springframework.transaction.support.AbstractPlatformTransactionManager.getTransaction(AbstractPlatformTransactionManager.java:~405)',
  'org.springframework.transaction.interceptor.TransactionAspectSupport.createTransactionIfNecessary(TransactionAspectSupport.java:~610)',
)

export const SPRING_MVC = at(
  'java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:~103)',
  'java.base/java.lang.reflect.Method.invoke(Method.java:~580)',
  'org.springframework.web.method.support.InvocableHandlerMethod.doInvoke(InvocableHandlerMethod.java:~255)',
  'org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter.handleInternal(RequestMappingHandlerAdapter.java:~831)',
  'org.springframework.web.servlet.DispatcherServlet.doDispatch(DispatcherServlet.java:~1089)',
  'org.springframework.web.servlet.FrameworkServlet.processRequest(FrameworkServlet.java:~1014)',
  'jakarta.servlet.http.HttpServlet.service(HttpServlet.java:~590)',
)

export const TOMCAT = at(
  'org.apache.catalina.core.ApplicationFilterChain.internalDoFilter(ApplicationFilterChain.java:~195)',
  'org.springframework.web.filter.OncePerRequestFilter.doFilter(OncePerRequestFilter.java:~116)',
  'org.apache.catalina.core.StandardWrapperValve.invoke(StandardWrapperValve.java:~167)',
  'org.apache.coyote.http11.Http11Processor.service(Http11Processor.java:~391)',
  'org.apache.tomcat.util.net.NioEndpoint$SocketProcessor.doRun(NioEndpoint.java:~1741)',
  'org.apache.tomcat.util.threads.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:~659)',
  'java.base/java.lang.Thread.run(Thread.java:~1583)',
)

export const SCHEDULED = at(
  'org.springframework.scheduling.support.ScheduledMethodRunnable.runInternal(ScheduledMethodRunnable.java:~130)',
  'org.springframework.scheduling.support.DelegatingErrorHandlingRunnable.run(DelegatingErrorHandlingRunnable.java:~54)',
  'java.base/java.util.concurrent.Executors$RunnableAdapter.call(Executors.java:~572)',
  'java.base/java.util.concurrent.FutureTask.runAndReset(FutureTask.java:~358)',
  'java.base/java.util.concurrent.ScheduledThreadPoolExecutor$ScheduledFutureTask.run(ScheduledThreadPoolExecutor.java:~305)',
  'java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:~1144)',
  'java.base/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:~642)',
  'java.base/java.lang.Thread.run(Thread.java:~1583)',
)

export const HIKARI_TIMEOUT = at(
  'com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:~686)',
  'com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:~179)',
  'com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:~144)',
  'com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:~127)',
  'org.hibernate.engine.jdbc.connections.internal.DatasourceConnectionProviderImpl.getConnection(DatasourceConnectionProviderImpl.java:~122)',
)

export const REST_CLIENT = at(
  'org.springframework.web.client.RestTemplate.createResourceAccessException(RestTemplate.java:~915)',
  'org.springframework.web.client.RestTemplate.doExecute(RestTemplate.java:~895)',
  'org.springframework.web.client.RestTemplate.execute(RestTemplate.java:~790)',
  'org.springframework.web.client.RestTemplate.postForObject(RestTemplate.java:~450)',
)

export const SOCKET_READ = at(
  'java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:~278)',
  'java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:~304)',
  'java.base/java.net.Socket$SocketInputStream.read(Socket.java:~1099)',
  'org.apache.hc.core5.http.impl.io.SessionInputBufferImpl.fillBuffer(SessionInputBufferImpl.java:~149)',
  'org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection.receiveResponseHeader(DefaultBHttpClientConnection.java:~303)',
)

export const LAMBDA_STREAM = at(
  'java.base/java.util.stream.ReferencePipeline$3$1.accept(ReferencePipeline.java:~197)',
  'java.base/java.util.ArrayList$ArrayListSpliterator.forEachRemaining(ArrayList.java:~1708)',
  'java.base/java.util.stream.AbstractPipeline.copyInto(AbstractPipeline.java:~509)',
  'java.base/java.util.stream.ReferencePipeline.collect(ReferencePipeline.java:~682)',
)

/** `\n\tat ` before each frame, as the JVM prints. */
export const frames = at
