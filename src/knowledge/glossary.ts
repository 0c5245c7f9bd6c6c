/** Korean operations terms with the English words of the same meaning: bridges a Korean question to English pages. */
import { terms } from './tokenizer.ts'

const ENTRIES: readonly (readonly [string, string])[] = [
  ['커넥션', 'connection'], ['연결', 'connection connect'], ['접속', 'connection login'], ['풀', 'pool'], ['고갈', 'exhausted'], ['부족', 'insufficient out of'], ['초과', 'exceeded limit'],
  ['타임아웃', 'timeout'], ['시간 초과', 'timeout timed out'], ['시간초과', 'timeout timed out'], ['응답 없음', 'no response timeout unavailable'], ['응답', 'response'], ['지연', 'latency slow delay'], ['느린', 'slow'], ['느려', 'slow'], ['쿼리', 'query'],
  ['데이터베이스', 'database'], ['디비', 'database'], ['교착', 'deadlock'], ['데드락', 'deadlock'], ['잠금', 'lock'], ['트랜잭션', 'transaction'], ['롤백', 'rollback'], ['중복 키', 'duplicate key unique violation'], ['중복', 'duplicate'], ['제약', 'constraint'],
  ['메모리', 'memory'], ['힙', 'heap'], ['누수', 'leak'], ['메모리 누수', 'memory leak'], ['디스크', 'disk'], ['용량', 'capacity space'], ['공간', 'space'], ['가득', 'full'], ['파일', 'file'], ['권한', 'permission access'], ['거부', 'denied refused rejected'], ['접근', 'access'],
  ['인증', 'authentication auth'], ['인가', 'authorization'], ['인증서', 'certificate tls ssl'], ['만료', 'expired'], ['토큰', 'token'], ['서명', 'signature'], ['로그인', 'login'], ['비밀번호', 'password'], ['계정', 'account'],
  ['네트워크', 'network'], ['도메인', 'dns domain'], ['이름 해석', 'dns resolution'], ['호스트', 'host'], ['포트', 'port'], ['방화벽', 'firewall'], ['프록시', 'proxy'], ['게이트웨이', 'gateway'],
  ['브로커', 'broker'], ['메시지', 'message'], ['큐', 'queue'], ['토픽', 'topic'], ['컨슈머', 'consumer'], ['소비자', 'consumer'], ['프로듀서', 'producer'], ['랙', 'lag'], ['밀림', 'lag backlog'], ['리밸런스', 'rebalance'], ['파티션', 'partition'], ['역직렬화', 'deserialization'], ['직렬화', 'serialization'],
  ['캐시', 'cache'], ['적중률', 'hit ratio'], ['레디스', 'redis'], ['카프카', 'kafka'], ['엘라스틱서치', 'elasticsearch'], ['오픈서치', 'opensearch'], ['색인', 'index'], ['샤드', 'shard'], ['클러스터', 'cluster'], ['노드', 'node'], ['파드', 'pod'], ['컨테이너', 'container'], ['이미지', 'image'], ['배포', 'deploy deployment rollout'], ['버전', 'version'], ['재시작', 'restart'], ['반복', 'loop repeated'], ['기동', 'start startup'], ['시작', 'start'], ['종료', 'exit terminated'], ['강제 종료', 'killed'], ['스케줄', 'schedule'], ['스케줄링', 'scheduling'], ['대기', 'pending waiting'], ['준비', 'ready readiness'], ['프로브', 'probe'], ['헬스체크', 'health check probe'], ['상태 확인', 'health check'],
  ['설정', 'config configuration'], ['환경 변수', 'environment variable'], ['환경변수', 'environment variable'], ['누락', 'missing'], ['없음', 'missing not found'], ['찾을 수 없', 'not found'], ['잘못된', 'invalid'], ['오류', 'error'], ['에러', 'error'], ['예외', 'exception'], ['실패', 'failed failure'], ['장애', 'outage failure'], ['널', 'null'], ['스택', 'stack'], ['오버플로', 'overflow'], ['인덱스', 'index'], ['범위', 'range bounds'], ['형식', 'format type'], ['파싱', 'parse'], ['문법', 'syntax'], ['인코딩', 'encoding'],
  ['스레드', 'thread'], ['쓰레드', 'thread'], ['이벤트 루프', 'event loop'], ['차단', 'blocked'], ['블록', 'blocked'], ['서킷', 'circuit breaker'], ['차단기', 'circuit breaker'], ['재시도', 'retry'], ['요청', 'request'], ['제한', 'limit rate limit'], ['한도', 'limit quota'], ['과다', 'too many'], ['급증', 'spike'], ['트래픽', 'traffic'], ['외부', 'external upstream'], ['하위', 'downstream'], ['결제', 'payment'], ['승인', 'approval authorization'], ['카드', 'card'], ['재고', 'inventory stock'], ['주문', 'order'], ['배송', 'shipping delivery'], ['알림', 'notification'], ['시계', 'clock time'], ['시각', 'time clock'], ['동기화', 'sync'], ['마이그레이션', 'migration'], ['스키마', 'schema'], ['컬럼', 'column'], ['테이블', 'table'], ['명령', 'command'], ['실행', 'execute run'], ['사용량', 'usage'], ['중단', 'down stopped'], ['불가', 'unavailable'], ['가용', 'available'], ['손상', 'corrupt'],
]

const BY_LENGTH = [...ENTRIES].sort((a, b) => b[0].length - a[0].length)

/** English terms for the Korean words found in a question; longer entries first, each stretch of text used once. */
export function translate(text: string): string[] {
  if (!/[가-힣]/.test(text)) return []
  let rest = text
  const out: string[] = []
  for (const [korean, english] of BY_LENGTH) {
    if (!rest.includes(korean)) continue
    out.push(...terms(english))
    rest = rest.replaceAll(korean, ' ')
  }
  return out
}
