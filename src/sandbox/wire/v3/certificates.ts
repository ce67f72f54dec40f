import { seal } from '../../identity/sign.js';
import { beijingTime } from '../../store/clock.js';
import { parameterError, success, type Operation } from './call.js';

export const certificatesOperation: Operation = {
  api: 'certificates',
  method: 'GET',
  path: '/v3/certificates',
  outTradeNo: () => undefined,
  run(call) {
    const type = call.query.get('algorithm_type') ?? 'RSA';
    if (type === 'SM2') return success({ data: [] });
    if (type !== 'RSA' && type !== 'ALL') {
      const detail = { field: 'algorithm_type', value: type, issue: 'enum', location: 'query' };
      return parameterError('algorithm_type不正确', detail);
    }
    const { row } = call.merchant;
    return success({
      data: row.platformCertificates.map((certificate) => ({
        serial_no: certificate.serialNo,
        effective_time: beijingTime(certificate.effectiveAt),
        expire_time: beijingTime(certificate.expiresAt),
        encrypt_certificate: seal(certificate.certificatePem, 'certificate', row.apiV3Key),
      })),
    });
  },
};
