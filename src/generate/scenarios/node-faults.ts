import { AXIOS_REJECT, EXPRESS, frames, NEST, PG_PARSER, TASK_QUEUE } from '../frames/node.ts'
import { type Scenario, step } from '../scenario.ts'

export const GATEWAY_TIMEOUT: Scenario = {
  id: 'gateway-timeout',
  title: { ko: '외부 본인인증 API 연결 타임아웃', en: 'User service times out connecting to the identity gateway' },
  steps: [
    step({
      cause: true,
      service: 'user-service',
      logger: 'VerificationService',
      thread: 'main',
      text:
        'Identity verification failed for user <<userId>> (<<phone>>) after <<int 10000 10080>> ms' +
        '\nGatewayError: identity gateway did not answer' +
        frames(
          'VerificationService.requestVerification (/app/dist/verification/verification.service.js:61:19)',
          'async VerificationService.verify (/app/dist/verification/verification.service.js:34:22)',
          'async VerificationController.create (/app/dist/verification/verification.controller.js:27:16)',
          'async /app/node_modules/@nestjs/core/router/router-execution-context.js:~46:28',
          'async /app/node_modules/@nestjs/core/router/router-proxy.js:~9:17 {',
        ) +
        '\n  [cause]: AxiosError: connect ETIMEDOUT <<ip>>:443' +
        AXIOS_REJECT.replaceAll('\n    at', '\n      at') +
        frames(
          'emitErrorNT (node:internal/streams/destroy:~169:8)',
          'emitErrorCloseNT (node:internal/streams/destroy:~128:3)',
        ).replaceAll('\n    at', '\n      at') +
        '\n      at process.processTicksAndRejections (node:internal/process/task_queues:~82:21) {' +
        "\n    code: 'ETIMEDOUT',\n    errno: -110,\n    syscall: 'connect'\n  }\n}",
    }),
  ],
}

export const AUTH_FAILURE: Scenario = {
  id: 'auth-failure',
  title: { ko: 'JWT 서명 검증 실패', en: 'Tokens fail verification: signature does not match' },
  steps: [
    step({
      on: 'turn',
      delay: [20, 150],
      cause: true,
      service: 'auth-service',
      level: 'WARN',
      logger: 'KeyStore',
      thread: 'main',
      text: 'Signing key rotated: active kid=<<hex 8>>, previous kid=<<hex 9>> no longer trusted',
    }),
    step({
      service: 'auth-service',
      logger: 'TokenVerifier',
      thread: 'main',
      text:
        'Token rejected: JWT signature does not match (user <<userId>>, ip <<ip>>, token <<jwt>>)' +
        '\nJsonWebTokenError: invalid signature' +
        frames(
          '/app/node_modules/jsonwebtoken/verify.js:~171:19',
          'getSecret (/app/node_modules/jsonwebtoken/verify.js:~97:14)',
          'module.exports [as verify] (/app/node_modules/jsonwebtoken/verify.js:~101:10)',
          'TokenVerifier.verify (/app/dist/tokens/token-verifier.js:44:23)',
          'requireSession (/app/dist/middleware/require-session.js:29:34)',
        ) +
        EXPRESS +
        EXPRESS.split('\n').slice(0, 4).join('\n') +
        frames('expressInit (/app/node_modules/express/lib/middleware/init.js:~40:5)'),
    }),
  ],
}

export const TYPE_ERROR: Scenario = {
  id: 'type-error',
  title: { ko: '회원 등급 조회 TypeError', en: 'TypeError while reading a membership' },
  steps: [
    step({
      cause: true,
      service: 'user-service',
      logger: 'ExceptionsHandler',
      thread: 'main',
      text:
        "Cannot read properties of undefined (reading 'tier') - GET /api/v1/users/<<userId>>/benefits" +
        "\nTypeError: Cannot read properties of undefined (reading 'tier')" +
        frames(
          'MembershipMapper.toBenefits (/app/dist/membership/membership.mapper.js:38:41)',
          '/app/dist/membership/membership.service.js:72:<<int 20 44>>',
          'Array.map (<anonymous>)',
          'MembershipService.findBenefits (/app/dist/membership/membership.service.js:71:29)',
          'async UsersController.benefits (/app/dist/users/users.controller.js:55:20)',
        ) +
        NEST +
        EXPRESS +
        EXPRESS.split('\n').slice(0, 3).join('\n') +
        TASK_QUEUE,
    }),
  ],
}

export const DEPLOY: Scenario = {
  id: 'deploy',
  title: { ko: '배포 3.8.0 이후 새 오류: 컬럼 없음', en: 'A new error after release 3.8.0: a column is missing' },
  rollOut: { service: 'user-service', version: '3.8.0' },
  steps: [
    step({
      on: 'once',
      delay: [10, 40],
      service: 'user-service',
      level: 'INFO',
      logger: 'NestApplication',
      thread: 'main',
      text: 'Nest application successfully started (user-service 3.8.0, commit <<hex 7>>)',
    }),
    step({
      on: 'once',
      delay: [60, 120],
      cause: true,
      service: 'user-service',
      level: 'WARN',
      logger: 'MigrationRunner',
      thread: 'main',
      text: 'Migration 20260119_add_loyalty_tier skipped: RUN_MIGRATIONS is false',
    }),
    step({
      service: 'user-service',
      logger: 'ExceptionsHandler',
      thread: 'main',
      text:
        'GET /api/v1/users/<<userId>> failed: column u.loyalty_tier does not exist' +
        '\nQueryFailedError: column u.loyalty_tier does not exist' +
        frames(
          'PostgresQueryRunner.query (/app/node_modules/typeorm/driver/postgres/PostgresQueryRunner.js:~219:19)',
          'process.processTicksAndRejections (node:internal/process/task_queues:~95:5)',
          'async SelectQueryBuilder.getRawAndEntities (/app/node_modules/typeorm/query-builder/SelectQueryBuilder.js:~2185:26)',
          'async UserRepository.findProfile (/app/dist/users/user.repository.js:48:16)',
          'async UsersService.profile (/app/dist/users/users.service.js:33:20)',
          'async UsersController.profile (/app/dist/users/users.controller.js:31:16) {',
        ) +
        '\n  [cause]: error: column u.loyalty_tier does not exist' +
        PG_PARSER.replaceAll('\n    at', '\n      at') +
        " {\n    severity: 'ERROR',\n    code: '42703',\n    position: '<<int 120 320>>',\n    routine: 'errorMissingColumn'\n  }\n}",
    }),
  ],
}
