/**
 * Framework formats: header lines of frameworks and servers whose default layout the token reader would misread, because
 * names, numbers or pairs of brackets stand where it looks for the message. Each names its columns; `time` is read by the
 * timestamp reader. Every repetition is bounded or ends at a character that it does not hold itself.
 */

export type First = 'digit' | 'dash' | 'bracket' | 'letter'

export interface LineFormat {
  readonly name: string
  readonly first: readonly First[]
  readonly pattern: RegExp
  /** Text without which no line is of this format: it costs less to look for than the pattern does. */
  readonly needs?: string
  /** A character that a line of this format has at a place: most other lines are done with one look. */
  readonly has?: { readonly char: string; readonly at: number }
}

const TIME = String.raw`(?<time>\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|GMT|KST|[+-]\d{2}:?\d{2}))?)`
const POSTGRES_LEVEL = '(?<level>DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC|STATEMENT|DETAIL|HINT|CONTEXT)'

/** Begins the line below a header of java.util.logging. */
export const JUL_LEVEL = /^(SEVERE|WARNING|INFO|CONFIG|FINE|FINER|FINEST|심각|경고|정보): /

const format = (name: string, first: readonly First[], pattern: string, needs?: string): LineFormat => ({
  name,
  first,
  pattern: new RegExp(`^${pattern}`, 's'),
  ...(needs === undefined ? {} : { needs }),
})

export const FRAMEWORK_FORMATS: readonly LineFormat[] = [
  // [2026-01-20 20:00:00,123: ERROR/ForkPoolWorker-1] Task orders.place[1] raised unexpected
  format(
    'celery',
    ['bracket'],
    String.raw`\[${TIME}: (?<level>[A-Z]{4,8})/(?<thread>[^\]\n]{1,80})\] (?<message>.*)`,
    '/',
  ),
  // [2026-01-20T20:00:00,123][ERROR][o.e.b.Bootstrap          ] [node-1] Exception
  format(
    'elasticsearch',
    ['bracket'],
    String.raw`\[${TIME}\]\[(?<level>[A-Z]{4,8}) {0,4}\]\[(?<logger>[^\s\]]{1,120}) {0,60}\] ?(?:\[(?<host>[^\]\n]{1,120})\] ?)?(?<message>.*)`,
    '][',
  ),
  // [2026-01-20 11:00:00.123][17][error][upstream] [source/common/upstream/cluster.cc:42] DNS resolution failed
  format(
    'envoy',
    ['bracket'],
    String.raw`\[${TIME}\]\[(?<thread>\d{1,9})\]\[(?<level>[a-z]{4,8})\]\[(?<logger>[^\s\]]{1,80})\] (?:\[[^\]\n]{1,200}:\d{1,7}\] )?(?<message>.*)`,
    '][',
  ),
  // [2026-01-20 20:00:00] production.ERROR: order failed (Monolog, Laravel)
  format(
    'monolog',
    ['bracket'],
    String.raw`\[${TIME}\] (?<logger>[\w-]{1,60})\.(?<level>[A-Z]{4,9}): (?<message>.*)`,
    ': ',
  ),
  // [2026-01-20T11:00:00Z ERROR order_service::db] order failed (env_logger)
  format(
    'env-logger',
    ['bracket'],
    String.raw`\[${TIME} (?<level>[A-Z]{4,5}) {1,2}(?<logger>[\w:]{1,120})\] (?<message>.*)`,
    '] ',
  ),
  // [2026-01-20T20:00:00.123+0900] {taskinstance.py:1824} ERROR - Task failed (Airflow)
  format(
    'airflow',
    ['bracket'],
    String.raw`\[${TIME}\] \{(?<logger>[\w./-]{1,120}:\d{1,7})\} (?<level>[A-Z]{4,8}) - (?<message>.*)`,
    ' {',
  ),
  // [2026-01-20 20:00:00,123] ERROR [ReplicaManager broker=1] Error … (kafka.server.ReplicaManager)
  format(
    'kafka',
    ['bracket'],
    String.raw`\[${TIME}\] (?<level>[A-Z]{4,5}) (?:\[(?<thread>[^\]\n]{1,160})\]:? )?(?<message>.*) \((?<logger>(?:[\w$]{1,80}\.){1,12}[\w$]{1,120})\)$`,
    ' (',
  ),
  // 2026/01/20 20:00:00 [error] 31#31: *17 connect() failed (nginx)
  format(
    'nginx',
    ['digit'],
    String.raw`${TIME} \[(?<level>[a-z]{4,6})\] (?<thread>\d{1,9}#\d{1,9}): (?:\*\d{1,20} )?(?<message>.*)`,
    '#',
  ),
  // 2026-01-20 20:00:00.123 KST [77] app@shop ERROR:  relation "x" does not exist
  format(
    'postgresql',
    ['digit'],
    String.raw`${TIME} \[(?<thread>\d{1,9}(?:-\d{1,9})?)\]:? (?:\[\d{1,9}-\d{1,3}\] )?(?:(?=\S{0,199}[@=])\S{1,200} )?${POSTGRES_LEVEL}: {2}(?<message>.*)`,
    ':  ',
  ),
  // 2026-01-20 11:00:00 UTC:10.0.0.1(52345):app@shop:[77]:ERROR:  relation "x" does not exist (Amazon RDS)
  format(
    'postgresql-rds',
    ['digit'],
    String.raw`${TIME}:(?<host>[^:\s]{0,120}):[^:\s]{0,120}:\[(?<thread>\d{1,9})\]:${POSTGRES_LEVEL}: {1,2}(?<message>.*)`,
    ':[',
  ),
  // 2026-01-20T11:00:00.123456Z 8 [ERROR] [MY-010119] [Server] Aborting (MySQL)
  format(
    'mysql',
    ['digit'],
    String.raw`${TIME} (?<thread>\d{1,9}) \[(?<level>ERROR|Error|Warning|Note|System)\] (?:\[MY-\d{1,9}\] )?(?:\[(?<logger>\w{1,40})\] )?(?<message>.*)`,
    ' [',
  ),
  // 1:M 20 Jan 2026 20:00:00.123 # Can't save in background (Redis)
  format(
    'redis',
    ['digit'],
    String.raw`(?<thread>\d{1,9}):[XCSM] (?<time>\d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2}\.\d{3}) (?<level>[.*#-]) (?<message>.*)`,
    ' ',
  ),
  // 2026-01-20T20:00:00.123+0900	ERROR	order	order/main.go:42	order failed	{"error": "refused"} (zap)
  format(
    'zap-console',
    ['digit'],
    String.raw`${TIME}\t(?<level>[A-Z]{4,6}|[a-z]{4,6})\t(?:(?<logger>[\w.-]{1,80})\t)?(?:[\w@./-]{1,200}:\d{1,7}\t)?(?<message>[^\t]{0,20000})(?:\t(?<pairs>\{.*))?$`,
    '\t',
  ),
  // 0    [main] ERROR com.acme.Order  - order failed (Log4j's TTCC)
  format(
    'log4j-ttcc',
    ['digit'],
    String.raw`\d{1,12} {1,12}\[(?<thread>[^\]\n]{1,80})\] (?<level>[A-Z]{4,5}) {1,2}(?<logger>[\w.$]{1,120}) (?:\S{1,80})? ?- (?<message>.*)`,
    ' [',
  ),
  // 2026-01-20T11:00:00.123Z pid=1 tid=abc class=HardJob jid=1f2e ERROR: order failed
  format(
    'sidekiq',
    ['digit'],
    String.raw`${TIME} pid=\d{1,9} tid=\w{1,20} (?:\w{1,20}=\S{1,80} ){0,6}(?<level>[A-Z]{4,5}): (?<message>.*)`,
    ' pid=',
  ),
  // ERRO[0003] order failed                                  err=refused (logrus on a terminal)
  format(
    'logrus-terminal',
    ['letter'],
    String.raw`(?<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[(?:\d{4,7}|${TIME})\] {1,4}(?<message>.*)`,
    '] ',
  ),
  // E, [2026-01-20T20:00:00.123456 #17] ERROR -- orders: order failed (Ruby, Rails)
  format(
    'ruby',
    ['letter'],
    String.raw`[DIWEFA], \[${TIME} ?#\d{1,9}\] {1,2}(?<level>[A-Z]{3,5}) -- (?<logger>[^:\n]{0,80}): (?:\[[\w.-]{1,64}\] +(?=\S))?(?<message>.*)`,
    ' -- ',
  ),
  // ERROR 2026-01-20 20:00:00,123 log 17 139882 Internal Server Error (the verbose formatter of Django's manual)
  format(
    'django-verbose',
    ['letter'],
    String.raw`(?<level>[A-Z]{4,8}) ${TIME} (?<logger>\w{1,60}) \d{1,9} (?<thread>\d{1,20}) (?<message>.*)`,
  ),
  // Internal Server Error: /orders/ (Django's request logger, whose default handler prints the message alone)
  format(
    'django-request',
    ['letter'],
    String.raw`(?<message>(?<level>Internal Server Error|Service Unavailable|Bad Request|Not Found|Method Not Allowed|Forbidden)(?: \([^)\n]{1,200}\))?: \/\S{0,2000})$`,
    ': /',
  ),
  // fail: Acme.Orders[0] (.NET's console logger, whose message stands below)
  format(
    'dotnet-console',
    ['letter'],
    String.raw`(?<level>trce|dbug|info|warn|fail|crit): (?<logger>[\w.+<>\x60]{1,200})\[\d{1,9}\](?: (?<message>.*))?$`,
    '[',
  ),
  // 20-Jan-2026 20:00:00.123 SEVERE [main] org.apache.catalina.core.StandardService.startInternal Failed (Tomcat)
  format(
    'tomcat',
    ['digit'],
    String.raw`(?<time>\d{2}-[A-Z][a-z]{2}-\d{4} \d{2}:\d{2}:\d{2}\.\d{3}) (?<level>[A-Z]{4,7}) \[(?<thread>[^\]\n]{1,120})\] (?<logger>[a-z][\w.$<>]{1,200}) (?<message>.*)`,
    ' [',
  ),
  // [20/Jan/2026 20:00:00] "GET /orders/ HTTP/1.1" 500 145 (Django's runserver, which logs 5xx as errors)
  format(
    'django-server',
    ['bracket'],
    String.raw`\[(?<time>\d{2}/[A-Z][a-z]{2}/\d{4} \d{2}:\d{2}:\d{2})\] (?<message>"[^"\n]{1,4000}" (?<level>[1-5])\d{2} \d{1,12})$`,
    '"',
  ),
  // [ERROR] [01/20/2026 20:00:00.123] [default-dispatcher-5] [akka://default/user/order] boom (Akka, Pekko)
  format(
    'akka',
    ['bracket'],
    String.raw`\[(?<level>[A-Z]{4,5})\] \[(?<month>\d{2})/(?<day>\d{2})/(?<year>\d{4}) (?<h>\d{2}):(?<mi>\d{2}):(?<s>\d{2})\.(?<fraction>\d{3})\] \[(?<thread>[^\]\n]{1,160})\] (?:\[(?<logger>[^\]\n]{1,200})\] )?(?<message>.*)`,
    '] [',
  ),
  // Jan 20, 2026 8:00:00 PM com.acme.Order place (java.util.logging, whose level and message stand below)
  format(
    'jul',
    ['letter', 'digit'],
    String.raw`(?<time>[A-Z][a-z]{2} \d{1,2}, \d{4},? \d{1,2}:\d{2}:\d{2} [AP]M|\d{1,2}월 \d{1,2}, \d{4} \d{1,2}:\d{2}:\d{2} (?:오전|오후)) (?<logger>(?:[\w$]{1,80}\.){1,12}[\w$]{1,120}) [\w$<>]{1,120}$`,
  ),
]
