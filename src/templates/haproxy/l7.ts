import type { L7Policy, L7Rule, Listener } from '../../domain/load-balancer.ts';
import { haproxyPattern, haproxyWord } from '../quoting.ts';
import { backendName, type Context } from './context.ts';

const COMPARE = {
  REGEX: '-m reg',
  STARTS_WITH: '-m beg',
  ENDS_WITH: '-m end',
  CONTAINS: '-m sub',
  EQUAL_TO: '-m str',
} as const;

/** A policy's rules as ACLs, and its action where all of them hold. */
export function policyLines(context: Context, listener: Listener, policy: L7Policy): string[] {
  const rules = policy.rules.filter((rule) => rule.admin_state_up);
  if (!policy.admin_state_up || rules.length === 0) return [];
  const condition = `if ${rules.map((rule) => `${rule.invert ? '!' : ''}${rule.id}`).join(' ')}`;
  const action = actionOf(context, listener, policy);
  return [...rules.map(acl), ...(action ? [`${action} ${condition}`] : [])];
}

/** `redirect`, unlike `http-request redirect`, takes its target as it stands: `%` is no variable there. */
function actionOf(context: Context, listener: Listener, policy: L7Policy): string | undefined {
  const code = redirectCode(context, policy);
  switch (policy.action) {
    case 'REJECT':
      return 'http-request deny';
    case 'REDIRECT_TO_URL':
      return `redirect${code} location ${haproxyWord(policy.redirect_url ?? '')}`;
    case 'REDIRECT_PREFIX':
      return `redirect${code} prefix ${haproxyWord(policy.redirect_prefix ?? '')}`;
    case 'REDIRECT_TO_POOL': {
      const pool = context.loadBalancer.pools.find(
        (entry) => entry.id === policy.redirect_pool_id && entry.admin_state_up,
      );
      return pool && `use_backend ${backendName(context, listener, pool)}`;
    }
  }
}

/** Rocky writes none where it is HAProxy's own default. */
function redirectCode({ settings }: Context, { redirect_http_code: code }: L7Policy): string {
  return code === undefined || (code === 302 && settings.profile === 'rocky') ? '' : ` code ${code}`;
}

function acl(rule: L7Rule): string {
  const compare = COMPARE[rule.compare_type];
  const pattern = haproxyPattern(rule.value);
  switch (rule.type) {
    case 'HOST_NAME':
      return `acl ${rule.id} req.hdr(host) -i ${compare} ${pattern}`;
    case 'PATH':
      return `acl ${rule.id} path ${compare} ${pattern}`;
    case 'FILE_TYPE':
      // HAProxy refuses `path_end -m str`, and path_end alone compares just so.
      return `acl ${rule.id} path_end ${rule.compare_type === 'EQUAL_TO' ? '' : `${compare} `}${pattern}`;
    case 'HEADER':
      return `acl ${rule.id} req.hdr(${rule.key}) ${compare} ${pattern}`;
    case 'COOKIE':
      return `acl ${rule.id} req.cook(${rule.key}) ${compare} ${pattern}`;
    case 'SSL_CONN_HAS_CERT':
      return `acl ${rule.id} ssl_c_used`;
    case 'SSL_VERIFY_RESULT':
      return `acl ${rule.id} ssl_c_verify eq ${pattern}`;
    case 'SSL_DN_FIELD':
      return `acl ${rule.id} ssl_c_s_dn(${rule.key}) ${compare} ${pattern}`;
  }
}
