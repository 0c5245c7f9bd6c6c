import type { NoiseLine } from './noise.ts'

const user = { service: 'user-service', level: 'INFO', thread: 'main' } as const
const auth = { service: 'auth-service', level: 'INFO', thread: 'main' } as const

/** Everyday lines of the Node services. */
// biome-ignore format: one line of log is one line here
export const NODE_LINES: readonly NoiseLine[] = [
  { ...user, weight: 40, logger: 'HttpLogger', text: 'GET /api/v1/users/<<userId>> 200 <<int 3 60>>ms' },
  { ...user, weight: 12, logger: 'UsersService', text: '회원 정보 수정: <<userId>> (<<nameKo>>, <<phone>>)' },
  { ...user, weight: 8, logger: 'UsersService', text: 'signup completed user=<<userId>> email=<<email>> ip=<<ip>>' },
  { ...user, weight: 6, level: 'DEBUG', logger: 'QueryLogger', text: 'query took <<int 1 18>> ms: SELECT u.id, u.email FROM users u WHERE u.id = $1 -- ["<<userId>>"]' },
  { ...user, weight: 2, level: 'WARN', logger: 'HttpLogger', text: 'GET /api/v1/users/<<userId>> 404 <<int 2 12>>ms user not found' },
  { ...user, weight: 1, level: 'WARN', logger: 'PoolMonitor', text: 'event loop delay p99 <<int 60 140>> ms' },
  { ...user, weight: 6, level: 'DEBUG', logger: 'HealthController', text: 'GET /healthz 200 1ms' },
  { ...user, weight: 5, logger: 'AddressBook', text: '배송지 추가: <<userId>> <<nameKo>> (<<address>>, <<phone>>)' },
  { ...user, weight: 3, logger: 'MembershipService', text: 'membership of <<userId>> is now <<int 1 4>> (points <<comma 100 90000>>)' },
  { ...user, weight: 2, level: 'WARN', logger: 'VerificationService', text: '본인인증 응답 지연: <<int 1500 4900>>ms (<<phone>>), 정상 처리됨' },

  { ...auth, weight: 40, logger: 'LoginController', text: 'login succeeded user=<<userId>> ip=<<ip>>' },
  { ...auth, weight: 20, logger: 'TokenService', text: '토큰 갱신: <<userId>> (만료까지 <<int 1 900>>초)' },
  { ...auth, weight: 12, logger: 'SessionStore', text: 'session touched sid=<<hex 24>> ttl=<<int 600 3600>>' },
  { ...auth, weight: 4, level: 'WARN', logger: 'LoginController', text: '로그인 실패: 비밀번호 불일치 (<<email>>, IP <<ip>>, <<int 1 4>>회)' },
  { ...auth, weight: 2, level: 'WARN', logger: 'RateLimiter', text: 'rate limit reached for ip=<<ip>> (<<int 60 90>> requests in 60 s), request refused' },
  { ...auth, weight: 5, logger: 'LogoutController', text: 'logout user=<<userId>> sid=<<hex 24>>' },
  { ...auth, weight: 3, logger: 'PasswordReset', text: '비밀번호 재설정 메일 발송: <<email>>' },
  { ...auth, weight: 2, level: 'WARN', logger: 'TokenVerifier', text: 'token expired <<int 1 600>> s ago, user=<<userId>> asked to refresh' },
  { ...auth, weight: 1, level: 'DEBUG', logger: 'TokenService', text: 'issued token for partner api key <<apiKey>>: <<jwt>>' },
]
