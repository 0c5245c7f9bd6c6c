/** The names under which shippers and logging libraries put text, level, time, service and stack, the surest first. */

export const TEXT_KEYS = [
  'log_content',
  'log',
  // Logback and Serilog may also write the pattern that the text was made of, as `message` or `MessageTemplate`.
  'formattedMessage',
  'RenderedMessage',
  'message',
  'msg',
  'body',
  'text',
  '@message',
  'event',
  'short_message',
  'full_message',
  'Message',
  'MESSAGE',
  'MessageTemplate',
  '@m',
  '@mt',
  'textPayload',
]
export const LEVEL_KEYS = [
  'level',
  'severity',
  'lvl',
  'loglevel',
  'log_level',
  'log.level',
  'levelname',
  'level_name',
  'severity_text',
  'severityText',
  'SeverityText',
  'Level',
  'LogLevel',
  '@l',
]
export const TIME_KEYS = [
  '@timestamp',
  'timestamp',
  'time',
  'ts',
  'date',
  'datetime',
  'timestampMs',
  'timeMillis',
  'Timestamp',
  '@t',
  'asctime',
  'eventTime',
  't',
  'instant',
]
export const SERVICE_KEYS = [
  'service',
  'service.name',
  'service_name',
  'serviceName',
  'app',
  'application',
  'app_name',
  'appName',
  'component',
  'dd.service',
  'program',
  'ident',
]
export const LOGGER_KEYS = [
  'logger',
  'logger_name',
  'loggerName',
  'log.logger',
  'SourceContext',
  'Properties.SourceContext',
  'Category',
]
export const THREAD_KEYS = ['thread', 'thread_name', 'threadName', 'process.thread.name', 'threadname']
export const STACK_KEYS = [
  'stack_trace',
  'stack',
  'stacktrace',
  'stackTrace',
  'exception.stacktrace',
  'exc_info',
  'exc_text',
  'exception',
  'error.stack_trace',
  'error.stack',
  'err.stack',
  'Exception',
  '@x',
  'traceback',
  'thrown.extendedStackTrace',
  'errorVerbose',
  'error.stacktrace',
]
/** What went wrong, beside a text that only says what was tried: the surest first, the type where it has one. */
export const CAUSE_KEYS = [
  ['err', ''],
  ['error', ''],
  ['err.message', 'err.type'],
  ['error.message', 'error.type'],
] as const
export const TRACE_ID_KEYS = [
  'trace_id',
  'traceId',
  'trace.id',
  'dd.trace_id',
  'traceid',
  'traceID',
  'TraceId',
  'otelTraceID',
  'mdc.traceId',
  'mdc.trace_id',
  'contextMap.traceId',
  'contextMap.trace_id',
  'Properties.TraceId',
  '@tr',
  'logging.googleapis.com/trace',
]
export const SPAN_ID_KEYS = [
  'span_id',
  'spanId',
  'span.id',
  'dd.span_id',
  'spanid',
  'spanID',
  'SpanId',
  'otelSpanID',
  'mdc.spanId',
  'mdc.span_id',
  'contextMap.spanId',
  'contextMap.span_id',
  'Properties.SpanId',
  '@sp',
  'logging.googleapis.com/spanId',
]
export const NAMESPACE_KEYS = ['namespace', 'k8s.namespace.name']
export const POD_KEYS = ['pod', 'pod_name', 'k8s.pod.name']
export const CONTAINER_KEYS = ['container', 'container_name', 'k8s.container.name']
export const NODE_KEYS = ['node', 'k8s.node.name']
export const HOST_KEYS = ['host', 'hostname', 'host.name']
export const ENVIRONMENT_KEYS = ['env', 'environment', 'deployment.environment.name', 'deployment.environment']
export const VERSION_KEYS = ['version', 'service.version', 'app_version', 'release']
export const IMAGE_KEYS = ['container.image']
/** Where shippers name the file: this project's Fluent Bit, ECS and OpenTelemetry. */
export const FILE_KEYS = ['log_file', 'log.file.path', 'log.file.name']
export const LABEL_SERVICE_KEYS = ['app.kubernetes.io/name', 'app', 'k8s-app', 'app.kubernetes.io/component', 'name']
/** Fields that have a place of their own in a record, and are no attributes. */
export const USED_KEYS: ReadonlySet<string> = new Set([
  ...TEXT_KEYS,
  ...LEVEL_KEYS,
  ...TIME_KEYS,
  ...SERVICE_KEYS,
  ...LOGGER_KEYS,
  ...THREAD_KEYS,
  ...STACK_KEYS,
  ...TRACE_ID_KEYS,
  ...SPAN_ID_KEYS,
  'kubernetes',
  'kubernetes_namespace',
  '_p',
  'stream',
  'event_id',
  'cali_event_id',
  'log_offset',
  'pid',
  'v',
  'hostname',
  'host',
])

const CAUSE_NAMES = CAUSE_KEYS.map(([key]) => key)
const RESOURCE_LISTS = [
  NAMESPACE_KEYS,
  POD_KEYS,
  CONTAINER_KEYS,
  NODE_KEYS,
  HOST_KEYS,
  ENVIRONMENT_KEYS,
  VERSION_KEYS,
  IMAGE_KEYS,
]
/** Lists that are looked for in every object, though few objects hold a name of most of them: a bit each. */
const BIT_OF_LIST: ReadonlyMap<readonly string[], number> = new Map(
  [
    LEVEL_KEYS,
    SERVICE_KEYS,
    LOGGER_KEYS,
    THREAD_KEYS,
    STACK_KEYS,
    TRACE_ID_KEYS,
    SPAN_ID_KEYS,
    CAUSE_NAMES,
    ...RESOURCE_LISTS,
  ].map((list, i) => [list, 1 << i]),
)
const BITS_OF_NAME = new Map<string, number>()
for (const [list, bit] of BIT_OF_LIST)
  for (const name of list) BITS_OF_NAME.set(name, (BITS_OF_NAME.get(name) ?? 0) | bit)

/** The lists that a name stands in. */
export const listsOf = (name: string): number => BITS_OF_NAME.get(name) ?? 0
/** The bit of a list; 0 for one that has none: its names may be in any object. */
export const bitOf = (list: readonly string[]): number => BIT_OF_LIST.get(list) ?? 0
export const LEVEL_BIT = bitOf(LEVEL_KEYS)
export const STACK_BIT = bitOf(STACK_KEYS)
export const CAUSE_BIT = bitOf(CAUSE_NAMES)
export const RESOURCE_BITS = RESOURCE_LISTS.reduce((bits, list) => bits | bitOf(list), 0)
