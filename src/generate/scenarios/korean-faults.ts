import { type Scenario, step } from '../scenario.ts'

const HTTP_THREAD = 'http-nio-8080-exec-<<int 1 200>>'

export const PAYMENT_DECLINED_KO: Scenario = {
  id: 'payment-declined-ko',
  title: { ko: '결제 승인 실패: 카드사 응답 없음', en: 'Card company does not answer (Korean message)' },
  steps: [
    step({
      cause: true,
      service: 'payment-service',
      logger: 'com.shop.payment.gateway.CardGateway',
      thread: HTTP_THREAD,
      text: '결제 승인 실패: 카드사 응답 없음 (주문번호 <<orderNo>>, 고객 <<nameKo>>, 금액 <<won>>원)',
    }),
  ],
}

export const STOCK_MISMATCH_KO: Scenario = {
  id: 'stock-mismatch-ko',
  title: { ko: '재고 수량 불일치', en: 'Stock count differs from the ledger (Korean message)' },
  steps: [
    step({
      cause: true,
      service: 'inventory-service',
      logger: 'com.shop.inventory.audit.StockAuditor',
      thread: 'scheduling-<<int 1 4>>',
      text: '재고 수량 불일치: <<productKo>>(<<sku>>) 장부 <<int 20 480>><<unit>>, 실사 <<count 1 19>><<unit>>, 담당자 <<nameKo>> 확인 필요 (창고 <<warehouse>>)',
    }),
  ],
}
