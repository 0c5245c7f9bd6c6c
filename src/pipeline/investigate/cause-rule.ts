/**
 * Cause rules: what a line of log says about its cause, by the words that runtimes and middleware print. Each rule
 * names its runbook; its sentence exists in Korean and English. The first rule that matches a line is the telling one,
 * so specific rules stand before general ones.
 */
import { withoutFreeText } from '../free-text.ts'
import type { CauseCategory } from '../incident.ts'

export interface CauseRule {
  readonly id: string
  readonly category: CauseCategory
  readonly runbook: string
  /** Bounded patterns only: they see hostile text. Named groups fill the sentence. */
  readonly pattern: RegExp
  readonly ko: string
  readonly en: string
  /** Rules whose finding shortly before this one explains it. */
  readonly becauseOf?: readonly string[]
  /** True where the line states the cause itself and leaves nothing to guess. */
  readonly certain?: boolean
  /** True for what is often an effect of something else, so that a cause elsewhere is looked for first. */
  readonly effect?: boolean
}

const rule = (
  id: string,
  category: CauseCategory,
  pattern: RegExp,
  en: string,
  ko: string,
  more: Partial<CauseRule> = {},
): CauseRule => ({ id, category, runbook: id, pattern, en, ko, ...more })

export const CAUSE_RULES: readonly CauseRule[] = [
  rule(
    'disk-full',
    'resource_exhaustion',
    /No space left on device|ENOSPC(?!.{0,40}file watchers)|disk(?: is)? full|There is not enough space on the disk|could not extend file|디스크.{0,10}(?:가득|부족)/i,
    'The disk is full: writes fail.',
    '디스크가 가득 차서 쓰기가 실패하고 있습니다.',
    { certain: true },
  ),
  rule(
    'fd-exhausted',
    'resource_exhaustion',
    /Too many open files|\bEMFILE\b|\bENFILE\b|number of file watchers reached/i,
    'The process has used up its file descriptors.',
    '프로세스가 파일 디스크립터를 모두 사용했습니다.',
    { certain: true },
  ),
  rule(
    'redis-memory',
    'resource_exhaustion',
    /OOM command not allowed|maxmemory/i,
    'Redis has reached its memory limit and refuses writes.',
    'Redis가 메모리 한도에 도달해 쓰기를 거부하고 있습니다.',
    { certain: true },
  ),
  rule(
    'k8s-oomkilled',
    'resource_exhaustion',
    /OOM ?Killed|Memory cgroup out of memory|oom-kill|Killed process \d{1,9}/i,
    'The container was killed for using more memory than its limit.',
    '컨테이너가 메모리 한도를 넘어 강제 종료되었습니다.',
    { certain: true, becauseOf: ['memory-leak'] },
  ),
  rule(
    'out-of-memory-node',
    'resource_exhaustion',
    /(?:JavaScript|JS) heap out of memory|Reached heap limit|ERR_WORKER_OUT_OF_MEMORY/i,
    'The Node.js heap is exhausted.',
    'Node.js 힙 메모리가 고갈되었습니다.',
    { certain: true, becauseOf: ['memory-leak'] },
  ),
  rule(
    'out-of-memory-java',
    'resource_exhaustion',
    /OutOfMemory(?:Error|Exception)?\b|Java heap space|GC overhead limit exceeded|(?:unable|failed) to create (?:new )?native thread/i,
    'The process has run out of memory.',
    '프로세스의 메모리가 고갈되었습니다.',
    { certain: true, becauseOf: ['memory-leak'] },
  ),
  rule(
    'out-of-memory-python',
    'resource_exhaustion',
    /\bMemoryError\b|Cannot allocate memory|Unable to allocate \S{1,20} (?:Mi|Gi|Ki)?B/i,
    'The process cannot allocate more memory.',
    '프로세스가 메모리를 더 할당받지 못하고 있습니다.',
    { certain: true, becauseOf: ['memory-leak'] },
  ),
  rule(
    'memory-leak',
    'resource_exhaustion',
    /memory leak|memory pressure|memory (?:pressure|usage).{0,30}(?:high|critical|growing|increas|8\d%|9\d%)|(?:high|growing|increasing) memory|heap usage.{0,20}9\d%|메모리.{0,10}(?:누수|압박|증가)|메모리 ?사용[률량].{0,10}(?:초과|9\d%)/i,
    'Memory use keeps growing.',
    '메모리 사용량이 계속 늘고 있습니다.',
  ),
  rule(
    'db-pool-exhausted',
    'resource_exhaustion',
    /HikariPool-.{1,80}Connection is not available|Connection is not available, request timed out|QueuePool limit of size|(?:could not|unable to|failed to|cannot) (?:acquire|get|obtain) (?:a )?(?:JDBC )?connection|remaining connection slots are reserved|too many (?:clients already|connections)|timeout exceeded when trying to connect|ResourcePool is exhausted|connection pool.{0,40}exhaust|no available connection and the queue has reached its max|ResourceRequest timed out|Pool.{0,20}(?:exhausted|no available connection)|커넥션 ?풀.{0,20}(?:고갈|부족|얻지 못)/i,
    'No free connection is left in the database connection pool.',
    'DB 커넥션 풀에 남은 커넥션이 없습니다.',
    { becauseOf: ['db-slow-query', 'db-deadlock'] },
  ),
  rule(
    'db-deadlock',
    'data_or_schema',
    /deadlock (?:found|detected)|Deadlock(?:Loser|Exception)|ER_LOCK_DEADLOCK|was deadlocked on|\b40P01\b|lock wait timeout exceeded|교착|데드락/i,
    'Two transactions hold locks that the other one needs.',
    '두 트랜잭션이 서로 상대가 가진 잠금을 기다리고 있습니다.',
    { certain: true },
  ),
  rule(
    'db-unique-violation',
    'data_or_schema',
    /duplicate key value violates unique constraint|Duplicate entry '.{0,200}' for key|UNIQUE constraint failed|unique constraint.{0,40}violat|unicity constraint|UniqueViolation|\b(?:ORA-00001|23505)\b|E11000 duplicate key|중복 ?(?:키|저장)|이미 존재하는.{0,20}중복/i,
    'A row with the same unique key exists already.',
    '같은 고유 키를 가진 행이 이미 있습니다.',
    { certain: true },
  ),
  rule(
    'db-migration-mismatch',
    'data_or_schema',
    /(?:column|relation|table).{1,120}does not exist|Unknown column '|no such (?:column|table)|Table '.{1,120}' doesn't exist|UndefinedColumn|UndefinedTable|Invalid (?:column|object) name|schema[- ]validation|Migration.{0,40}failed/i,
    'Code and database schema do not match: a table or column is missing.',
    '코드와 데이터베이스 스키마가 맞지 않습니다. 테이블이나 컬럼이 없습니다.',
    { certain: true },
  ),
  rule(
    'db-syntax-error',
    'code_defect',
    /syntax error at or near|You have an error in your SQL syntax|SQLSyntaxErrorException|BadSqlGrammar|SQLGrammarException|(?:query|sql).{0,40}syntax error|syntax error.{0,40}(?:query|sql)|\bORA-009\d\d\b/i,
    'The database refuses a query: its SQL is not valid.',
    'SQL 문법이 잘못되어 데이터베이스가 쿼리를 거부했습니다.',
    { certain: true },
  ),
  rule(
    'db-slow-query',
    'data_or_schema',
    /slow ?query|slow sql|query took|duration: \d{4,9}(?:\.\d{1,6})? ms|Query_time: \d|due to statement timeout|MySQLTimeoutException|쿼리.{0,10}(?:느림|지연|시간 ?초과)|슬로우 ?쿼리/i,
    'Queries take far longer than usual.',
    '쿼리가 평소보다 훨씬 오래 걸리고 있습니다.',
  ),
  rule(
    'db-connection-lost',
    'dependency_unavailable',
    /server closed the connection unexpectedly|Communications link failure|MySQL server has gone away|Lost connection to (?:MySQL|database)|terminating connection due to|the database system is (?:starting up|shutting down)|Connection (?:to (?:the )?(?:database|db|\S{1,100}(?:sql|db)\S{0,100}))(?: .{0,60})?(?:failed|lost|refused|timed out|unavailable)|database.{0,60}(?:connection failed|is unavailable|has become unavailable|unreachable|not available)|(?:connect|connection) to (?:the )?(?:database|db)\b.{0,60}(?:fail|timed? ?out|refused)|(?:failed|unable|cannot|could not|error) (?:to )?(?:establish|connect|connecting|open)(?: to)?.{0,20}(?:database|\bdb\b|postgres|mysql)|Database (?:connection )?(?:error|timeout)|OperationalError.{0,80}connect/i,
    'The database cannot be reached.',
    '데이터베이스에 연결할 수 없습니다.',
  ),
  rule(
    'redis-timeout',
    'dependency_unavailable',
    /redis.{0,80}(?:time(?:d )?out|ETIMEDOUT|ECONNREFUSED|connection (?:refused|lost|closed|reset))|RedisConnection(?:Failure)?Exception|RedisCommandTimeout|ClusterDownException|JedisConnectionException|LettuceConnection/i,
    'Redis does not answer in time.',
    'Redis가 제때 응답하지 않습니다.',
  ),
  rule(
    'message-poison',
    'data_or_schema',
    /(?:De)?[Ss]erializ\w{1,10}(?:Exception|Error).{0,200}(?:topic|offset|record|message)|RecordDeserializationException|Error deserializing|poison (?:message|pill)|역직렬화.{0,10}(?:실패|오류)/i,
    'A message in the queue cannot be read, and is tried again and again.',
    '큐에 읽을 수 없는 메시지가 있어 처리가 되풀이되고 있습니다.',
  ),
  rule(
    'broker-unavailable',
    'dependency_unavailable',
    /NoBrokersAvailable|Broker(?:\(s\))? may not be available|Bootstrap broker .{1,100}disconnected|brokers? (?:are|is) down|all brokers down|AMQPConnection(?:Error|Exception)|AmqpConnect|KafkaTimeoutError|(?:LEADER|BROKER|COORDINATOR)_NOT_AVAILABLE|KafkaJSConnectionError|not present in metadata after|kafka.{0,80}(?:connection (?:refused|error)|unavailable|not available)|rabbitmq.{0,80}(?:refused|unavailable|down)|Failed to update metadata after|메시지 ?브로커.{0,20}(?:연결|불가|실패)/i,
    'The message broker cannot be reached.',
    '메시지 브로커에 연결할 수 없습니다.',
  ),
  rule(
    'kafka-consumer-lag',
    'resource_exhaustion',
    /CommitFailedException|max\.poll\.interval|consumer (?:group )?(?:is )?rebalanc|Offset commit failed|consumer lag|group is rebalancing|컨슈머 ?랙/i,
    'Consumers are too slow for their partitions and lose them.',
    '컨슈머 처리가 느려 파티션을 잃고 리밸런스가 되풀이됩니다.',
  ),
  rule(
    'k8s-probe-failed',
    'scheduling_or_platform',
    /(?:Liveness|Readiness|Startup) probe failed/i,
    'The health probe of a container fails.',
    '컨테이너의 상태 확인(프로브)이 실패하고 있습니다.',
  ),
  rule(
    'tls-certificate',
    'auth_cert',
    /certificate (?:has |is )?expired|certificate.{0,60}(?:not (?:yet )?valid|verify failed|unknown|invalid|expired)|CERT_HAS_EXPIRED|CertificateExpiredException|x509: |SSLHandshakeException|PKIX path|SSL: CERTIFICATE|ssl certificate|self[- ]signed certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|ERR_TLS_CERT|인증서.{0,10}만료/i,
    'A TLS certificate is expired or not trusted.',
    'TLS 인증서가 만료되었거나 신뢰할 수 없습니다.',
    { certain: true },
  ),
  rule(
    'auth-token-expired',
    'auth_cert',
    /(?:jwt|token)(?: has| is)? expired|TokenExpired|ExpiredJwt|ExpiredSignature|ExpiredToken|invalid_grant|refresh token.{0,30}(?:expired|invalid)|토큰.{0,10}만료/i,
    'The token has expired.',
    '토큰이 만료되었습니다.',
    { certain: true, becauseOf: ['clock-skew'] },
  ),
  rule(
    'auth-jwt-invalid',
    'auth_cert',
    /JWT signature does not match|invalid (?:jwt )?signature|SignatureException|JsonWebTokenError|InvalidSignatureError|signature verification failed|InvalidTokenError|jwt malformed|signature is invalid|no matching key\(s\) found|서명.{0,10}(?:불일치|검증)/i,
    'Token signatures do not match: signed with another key than the one used to check.',
    '토큰 서명이 맞지 않습니다. 서명에 쓴 키와 검증에 쓰는 키가 다릅니다.',
  ),
  rule(
    'aws-access-denied',
    'auth_cert',
    /(?<!file\.)AccessDenied(?:Exception)?\b|Access Denied \(Service:|is not authorized to perform|UnrecognizedClientException|InvalidAccessKeyId|SignatureDoesNotMatch|Unable to locate credentials|CredentialsProviderError/i,
    'AWS refuses the call: credentials or permissions are missing.',
    'AWS가 호출을 거부했습니다. 자격 증명이나 권한이 없습니다.',
  ),
  rule(
    'aws-throttling',
    'quota_or_rate_limit',
    /ThrottlingException|ProvisionedThroughputExceeded|RequestLimitExceeded|SlowDown|Rate exceeded/i,
    'AWS throttles the calls.',
    'AWS가 호출 속도를 제한하고 있습니다.',
  ),
  rule(
    'k8s-image-pull',
    'scheduling_or_platform',
    /ImagePullBackOff|ErrImagePull|manifest unknown|pull access denied|Failed to pull image/i,
    'The container image cannot be pulled.',
    '컨테이너 이미지를 가져올 수 없습니다.',
    { certain: true },
  ),
  rule(
    'rate-limited',
    'quota_or_rate_limit',
    /\b429\b.{0,40}(?:Too Many|rate)|Too Many Requests|rate ?limit(?:ed|s|er)?\b.{0,60}(?:exceed|reached|hit|exhaust)?|quota exceeded|RateLimitExceeded|호출 ?한도/i,
    'More requests are sent than the limit allows.',
    '허용된 한도보다 많은 요청이 나가고 있습니다.',
    { certain: true },
  ),
  rule(
    'circuit-breaker-open',
    'dependency_unavailable',
    /CircuitBreaker '.{0,100}' is OPEN|CallNotPermittedException|circuit ?breaker.{0,30}open|BrokenCircuitException|서킷.{0,10}(?:열림|오픈|open)/i,
    'A circuit breaker is open: calls to a failing service are not made.',
    '서킷 브레이커가 열려 실패하는 서비스로의 호출이 막혀 있습니다.',
    { effect: true, becauseOf: ['downstream-timeout', 'connection-refused', 'http-5xx-upstream'] },
  ),
  rule(
    'dns-failure',
    'network_dns',
    /\bENOTFOUND\b|EAI_AGAIN|:53: i\/o timeout|UnknownHostException|getaddrinfo|Name or service not known|Temporary failure in name resolution|no such host|could not resolve host|NXDOMAIN|server misbehaving|NameResolutionError/i,
    'A host name cannot be resolved.',
    '호스트 이름을 찾을 수 없습니다(DNS 조회 실패).',
  ),
  rule(
    'payment-provider-declined',
    'external_provider',
    /(?:PG사|카드사|VAN|은행|PSP|payment (?:gateway|provider)|acquirer|issuer).{0,60}(?:응답 ?없음|오류|실패|거절|timeout|timed out|unavailable|declined|error|no response)|결제 ?승인 ?실패|(?:카드사|PG사|은행).{0,20}점검/i,
    'The payment provider does not approve or does not answer.',
    '외부 결제 기관이 승인하지 않거나 응답하지 않습니다.',
  ),
  rule(
    'connection-refused',
    'dependency_unavailable',
    /ECONNREFUSED|connection refused|Connect(?:ion)?Exception: Connection refused|actively refused|cannot connect to|peer (?:is )?down|(?:unable|failed|fails?|failing) to (?:re)?connect to|could not connect to|connect: no route|Connection to \S{1,200} (?:failed|refused)/i,
    'A service that is called does not accept connections.',
    '호출한 서비스가 연결을 받지 않습니다.',
  ),
  rule(
    'downstream-timeout',
    'dependency_unavailable',
    /SocketTimeoutException|Read timed out|ETIMEDOUT|ESOCKETTIMEDOUT|ReadTimeout|ConnectTimeout|TimeoutException|deadline exceeded|timed? ?out after|request timed? ?out|upstream request timeout|504 Gateway|context deadline|timeout of \d{1,9} ?ms exceeded|connection timed? ?out|(?:API|service|request|call|response).{0,60}time(?:d )?-?out|타임아웃|시간 ?초과|응답 ?없음/i,
    'A service that is called does not answer in time.',
    '호출한 서비스가 제시간에 응답하지 않습니다.',
    {
      effect: true,
      becauseOf: [
        'out-of-memory-java',
        'out-of-memory-node',
        'out-of-memory-python',
        'k8s-oomkilled',
        'db-pool-exhausted',
        'db-slow-query',
        'db-deadlock',
        'db-connection-lost',
        'redis-timeout',
        'thread-pool-exhausted',
        'event-loop-blocked',
        'fd-exhausted',
        'disk-full',
      ],
    },
  ),
  rule(
    'connection-reset',
    'dependency_unavailable',
    /ECONNRESET|Connection reset|socket hang up|EPIPE|Broken pipe|RemoteDisconnected|Connection aborted|unexpected EOF|server closed (?:the )?connection/i,
    'The other side breaks connections off.',
    '상대편이 연결을 끊고 있습니다.',
  ),
  rule(
    'http-5xx-upstream',
    'dependency_unavailable',
    /\b50[0234]\b.{0,30}(?:Bad Gateway|Service Unavailable|Internal Server Error|Gateway Time)|upstream (?:prematurely closed|connect error|server error)|(?:status|code|HTTP)[ =:/.\d]{1,12}50[0234]\b|Bad Gateway|Service Unavailable|HttpServerErrorException|no healthy upstream|\[50[0234]\] during/i,
    'A service behind this one answers with server errors.',
    '뒤에 있는 서비스가 서버 오류(5xx)로 응답합니다.',
    { effect: true },
  ),
  rule(
    'k8s-command-not-found',
    'config_change',
    /sh: (?:line )?(?:\d{1,6}: )?\S{1,80}: (?:command )?not found|command not found|executable file not found|exec format error|no such file or directory: unknown|^exec \S{1,200}: no such file|exit(?:ed)? (?:with )?(?:code|status)[ :]{1,2}12[5-7]/im,
    'The command that the container starts does not exist in it.',
    '컨테이너가 실행하려는 명령이 이미지 안에 없습니다.',
    { certain: true },
  ),
  rule(
    'k8s-unschedulable',
    'scheduling_or_platform',
    /FailedScheduling|Insufficient (?:cpu|memory)|\d{1,6}\/\d{1,6} nodes are available|untolerated taint/i,
    'No node has room for the pod.',
    '파드를 배치할 수 있는 노드가 없습니다.',
    { certain: true },
  ),
  rule(
    'k8s-node-not-ready',
    'scheduling_or_platform',
    /NodeNotReady|PLEG is not healthy|Kubelet stopped posting|node .{1,100} (?:is )?not ready|NodeHasDiskPressure|NodeHasMemoryPressure/i,
    'A Kubernetes node is not ready.',
    'Kubernetes 노드가 준비 상태가 아닙니다.',
  ),
  rule(
    'k8s-crashloopbackoff',
    'scheduling_or_platform',
    /CrashLoopBackOff|Back-off restarting failed container|backoff ?limit/i,
    'The container ends right after each start.',
    '컨테이너가 시작한 뒤 곧바로 종료되기를 되풀이합니다.',
  ),
  rule(
    'config-missing',
    'config_change',
    /(?:environment|env)(?: variable)?s? .{0,120}(?:undefined|missing|not set|not (?:defined|found)|required|empty)|(?:missing|undefined|required) (?:required )?(?:environment|env|config\w{0,10})(?: variable)?|Could not resolve placeholder|Missing required (?:config|setting|property|option)|(?:invalid|bad|missing) config\w{0,10}|(?-i:[A-Z][A-Z0-9]{1,40}(?:_[A-Z0-9]{1,40}){1,8})[^\w]{1,4}.{0,30}(?:undefined|missing|not set|is required)|(?:undefined|missing).{0,40}(?-i:[A-Z][A-Z0-9]{1,40}(?:_[A-Z0-9]{1,40}){1,8})|ImproperlyConfigured|CreateContainerConfigError|couldn't find key|BindValidationException|설정.{0,20}(?:누락|없)|환경 ?변수/i,
    'A setting or environment variable that the program needs is missing or wrong.',
    '프로그램에 필요한 설정이나 환경 변수가 없거나 잘못되었습니다.',
    { certain: true },
  ),
  rule(
    'cache-hit-drop',
    'config_change',
    /cache hit (?:rate|ratio).{0,60}(?:drop|low|below|down|decreas|[1-5]?\d(?:\.\d+)?%)|hit rate (?:dropped|low)|캐시 ?적중률/i,
    'The cache answers far fewer requests than usual.',
    '캐시 적중률이 평소보다 크게 떨어졌습니다.',
  ),
  rule(
    'clock-skew',
    'scheduling_or_platform',
    /clock (?:skew|drift)|RequestTimeTooSkewed|not yet valid|NotBefore|time is out of sync|used before issued/i,
    'Clocks of machines differ too much.',
    '서버들의 시각이 서로 크게 어긋나 있습니다.',
  ),
  rule(
    'search-cluster',
    'dependency_unavailable',
    /cluster_block_exception|es_rejected_execution|circuit_breaking_exception|no_shard_available|all shards failed|NoNodeAvailableException|(?:Elasticsearch|OpenSearch).{0,80}(?:red|unavailable|rejected|timed? ?out|ConnectionError)/i,
    'The search cluster rejects or does not answer requests.',
    '검색 클러스터가 요청을 거부하거나 응답하지 않습니다.',
  ),
  rule(
    'thread-pool-exhausted',
    'resource_exhaustion',
    /RejectedExecutionException|thread ?pool.{0,40}(?:exhaust|full|rejected)|TaskRejected|All threads.{0,40}busy|can't start new thread|스레드 ?풀/i,
    'All worker threads are busy; new work is refused.',
    '모든 작업 스레드가 사용 중이라 새 작업이 거부되고 있습니다.',
    { effect: true },
  ),
  rule(
    'event-loop-blocked',
    'code_defect',
    /event loop.{0,30}(?:blocked|lag|delay)/i,
    'The event loop is held up by long computations.',
    '오래 걸리는 연산이 이벤트 루프를 막고 있습니다.',
  ),
  rule(
    'stack-overflow',
    'code_defect',
    /StackOverflow(?:Error|Exception)?|Maximum call stack size exceeded|RecursionError|maximum recursion depth|stack level too deep|goroutine stack exceeds/i,
    'A function calls itself without end.',
    '함수가 끝없이 자기 자신을 호출합니다.',
    { certain: true },
  ),
  rule(
    'unhandled-rejection',
    'code_defect',
    /unhandled ?(?:promise )?rejection|UnhandledPromiseRejection/i,
    'A failed promise is not handled.',
    '실패한 프로미스가 처리되지 않았습니다.',
    { effect: true },
  ),
  rule(
    'null-pointer',
    'code_defect',
    /NullPointerException|NullReferenceException|nil pointer dereference|because ".{1,200}" is null/i,
    'The code uses a value that is null.',
    '코드가 null인 값을 사용합니다.',
  ),
  rule(
    'type-error-js',
    'code_defect',
    /Cannot read propert(?:y|ies) of (?:undefined|null)|(?:undefined|null) is not an object|is not a function|Cannot set propert|Cannot destructure property|(?:undefined|null|object) is not iterable/i,
    'The code reads a property of a value that is undefined.',
    '코드가 undefined인 값의 속성을 읽습니다.',
  ),
  rule(
    'attribute-error',
    'code_defect',
    /'NoneType' object|AttributeError|KeyError|TypeError: (?:unsupported operand|'\w{1,60}' object)/i,
    'The code uses an attribute or key that the value does not have.',
    '값에 없는 속성이나 키를 코드가 사용합니다.',
  ),
  rule(
    'index-out-of-bounds',
    'code_defect',
    /IndexOutOfBounds|index out of range|IndexError|Index was outside/i,
    'The code reads past the end of a list.',
    '코드가 목록의 범위를 벗어난 위치를 읽습니다.',
  ),
  rule(
    'class-not-found',
    'deploy_regression',
    /ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError|ModuleNotFoundError|Cannot find module|ImportError|UnsupportedClassVersion/i,
    'A class or module is missing in this build.',
    '빌드에 필요한 클래스나 모듈이 없습니다.',
  ),
  rule(
    'json-parse-error',
    'data_or_schema',
    /JsonParseException|JSONDecodeError|Unexpected token .{0,40}JSON|Unexpected end of JSON|MismatchedInputException|HttpMessageNotReadable|invalid character .{1,20} looking for/i,
    'A message that should be JSON cannot be read.',
    'JSON이어야 할 메시지를 읽을 수 없습니다.',
  ),
  rule(
    'permission-denied',
    'auth_cert',
    /Permission denied|\bEACCES\b|\bEPERM\b|Read-only file system|AccessDeniedException|403 Forbidden|is forbidden: User|operation not permitted/i,
    'The process may not access what it needs.',
    '프로세스에 필요한 접근 권한이 없습니다.',
  ),
]

const BY_ID = new Map(CAUSE_RULES.map((entry) => [entry.id, entry]))
export const causeRule = (id: string): CauseRule | undefined => BY_ID.get(id)

/** Text that rules see: bounded, so that no line costs more than this. */
const RULE_CHARS = 2_000
/** Where another thought begins: a quotation, a bracket, the next sentence or line. */
const BREAK = /["'`“](?=[^"'`”\n]{0,200}\s[^"'`”\n]{0,200}\s)|[([{]|[.;!?](?=\s)|\n/g

/** The most telling rule for a text: earlier rules win; of a stack trace, the root cause is tried before its wrappers. */
export function matchCause(texts: readonly string[]): CauseRule | undefined {
  let fallback: CauseRule | undefined
  for (const text of texts) {
    const found = ruleOf(withoutFreeText(text.slice(0, RULE_CHARS)))
    if (found === undefined) continue
    if (found.effect !== true) return found
    fallback ??= found
  }
  return fallback
}

/**
 * The first rule among those that match where the text first speaks of a cause. What comes in a later thought is often
 * not the program's own word: a quoted input, a note of a customer.
 */
function ruleOf(text: string): CauseRule | undefined {
  const matches = CAUSE_RULES.flatMap((entry) => {
    const at = text.search(entry.pattern)
    return at === -1 ? [] : [{ entry, at }]
  })
  if (matches.length < 2) return matches[0]?.entry
  const first = Math.min(...matches.map((match) => match.at))
  BREAK.lastIndex = first
  const end = BREAK.exec(text)?.index ?? text.length
  return matches.find((match) => match.at <= end)?.entry
}

/** INFO lines worth showing beside an error: something was changed. */
export const CHANGE_LINE =
  /\b(?:config(?:uration)?\b.{0,40}(?:reload|chang|updat|appl)|reload(?:ed|ing)? config|deploy(?:ed|ing|ment)|rolled out|rollout|upgrad(?:ed|ing)|feature flag|maintenance|migrat(?:ed|ing|ion)|restart(?:ed|ing)?|starting version|started .{0,60}version|failover|scal(?:ed|ing) (?:up|down)|key rotat|rotated)|배포|설정.{0,10}(?:변경|반영|재로드)|점검|재시작|마이그레이션/i

/** Text in a log that talks to its reader as if to a model or an operator. */
export const INSTRUCTION_LINE =
  /ignore (?:all |any )?(?:previous|prior|above) (?:instructions|prompts)|disregard (?:the|all|previous)|you are (?:now )?(?:an?|the) (?:assistant|ai|language model)|system prompt|as an ai\b|do not (?:report|mention|alert)|mark (?:this|it) (?:as )?resolved|\bassistant:|<\|im_start\|>|\[INST\]|이전 지시(?:를|는)? 무시|지시를 무시|너는 이제/i
