import { ASGI, CELERY, DIRECT_CAUSE, DURING_HANDLING, frames, KAFKA_PRODUCER, TRACEBACK } from '../frames/python.ts'
import { type Scenario, step } from '../scenario.ts'

export const ATTRIBUTE_ERROR: Scenario = {
  id: 'attribute-error',
  title: { ko: '배송 주소 누락으로 AttributeError', en: 'AttributeError: a shipment without an address' },
  steps: [
    step({
      cause: true,
      service: 'shipping-service',
      logger: 'uvicorn.error',
      thread: 'MainThread',
      text:
        'Exception in ASGI application: POST /api/v1/shipments order <<orderNo>>' +
        TRACEBACK +
        frames('/app/shipping/labels.py:63 build_label | postcode = shipment.address.postcode.strip()') +
        "\nAttributeError: 'NoneType' object has no attribute 'postcode'" +
        DIRECT_CAUSE +
        TRACEBACK +
        ASGI +
        frames(
          '/app/shipping/api/shipments.py:41 create_shipment | label = await service.print_label(order_no)',
          '/app/shipping/service.py:88 print_label | raise LabelError(f"label for {order_no} cannot be printed") from error',
        ) +
        '\nshipping.errors.LabelError: label for <<orderNo>> cannot be printed',
    }),
  ],
}

export const BROKER_DOWN: Scenario = {
  id: 'broker-down',
  title: { ko: 'Kafka 브로커 접속 불가', en: 'Notification service cannot reach Kafka' },
  steps: [
    step({
      on: 'turn',
      delay: [20, 300],
      service: 'notification-service',
      level: 'WARN',
      logger: 'kafka.conn',
      thread: 'ForkPoolWorker-<<int 1 8>>',
      text: "<BrokerConnection node_id=bootstrap-<<int 0 2>> host=kafka-<<count 0 2>>.kafka.svc:9092 <connecting> [IPv4 ('<<podIp>>', 9092)]>: Connect attempt returned error 111. Disconnecting.",
    }),
    step({
      cause: true,
      service: 'notification-service',
      logger: 'celery.app.trace',
      thread: 'ForkPoolWorker-<<int 1 8>>',
      text:
        'Task notification.tasks.send_order_push[<<uuid>>] raised unexpected: NoBrokersAvailable()' +
        TRACEBACK +
        CELERY +
        frames(
          'celery/app/autoretry.py:38 run | return task._orig_run(*args, **kwargs)',
          '/app/notification/tasks.py:57 send_order_push | publisher().publish(topic, payload)',
          '/app/notification/publisher.py:29 publisher | return Publisher(KafkaProducer(bootstrap_servers=settings.brokers))',
        ) +
        KAFKA_PRODUCER +
        '\nkafka.errors.NoBrokersAvailable: NoBrokersAvailable',
    }),
  ],
}

export const DISK_FULL: Scenario = {
  id: 'disk-full',
  title: { ko: '배송 라벨 저장 디스크 가득 참', en: 'Shipping node has no space left on its disk' },
  steps: [
    step({
      on: 'turn',
      delay: [20, 300],
      onePod: true,
      service: 'shipping-service',
      level: 'WARN',
      logger: 'shipping.storage',
      thread: 'MainThread',
      text: 'Volume /var/lib/labels is <<int 97 99>>% full (<<count 12 480>> MiB left)',
    }),
    step({
      cause: true,
      onePod: true,
      service: 'shipping-service',
      logger: 'shipping.storage',
      thread: 'AnyIO worker thread',
      text:
        'Saving label of shipment <<trackingNo>> failed' +
        TRACEBACK +
        frames(
          '/app/shipping/storage.py:74 save | with DurableFile(path) as out:',
          '/app/shipping/storage.py:53 __exit__ | os.fsync(self._file.fileno())',
        ) +
        "\nOSError: [Errno 28] No space left on device: '/var/lib/labels/<<trackingNo>>.pdf'" +
        DURING_HANDLING +
        TRACEBACK +
        frames(
          'starlette/concurrency.py:39 run_in_threadpool | return await anyio.to_thread.run_sync(func)',
          'anyio/_backends/_asyncio.py:943 run | result = context.run(func, *args)',
          '/app/shipping/api/labels.py:36 download_label | document = storage.save(tracking_no, render(tracking_no))',
          '/app/shipping/storage.py:79 save | raise StorageError(f"label {tracking_no} was not stored")',
        ) +
        '\nshipping.errors.StorageError: label <<trackingNo>> was not stored',
    }),
  ],
}
