interface Project {
  readonly id: string;
  /** Projects are named after their region. */
  readonly name: string;
}

/** A permanent key, or a temporary one if it has a security token. */
export interface AccessKey {
  readonly access: string;
  readonly secret: string;
  readonly securityToken?: string;
}

/** The project whose databases and caches are emulated. */
export const PROJECT: Project = { id: '0611f1bd8b00d5d32f17c017f15b599f', name: 'ap-southeast-1' };

/** Another project of the same account, in another region: its tokens are no good here. */
export const FOREIGN_PROJECT: Project = { id: '7722e2ce9c11e6e43028d128026c60a0', name: 'cn-north-4' };

/** The account's domain. */
export const DOMAIN = { id: 'd78cbac186b744899480f25bd022f468', name: 'acme' } as const;

/** The one IAM user. */
export const USER = { id: '7116d09f88fa41908676fdd4b039e95b', name: 'sluice', password: 'iamPass!1' } as const;

/** The keys of that user: one permanent, one temporary. */
export const ACCESS_KEYS: readonly AccessKey[] = [
  { access: 'SANDBOXACCESSKEY0001', secret: 'sandboxSecretKey000000000000000000000001' },
  {
    access: 'SANDBOXTEMPORARY0001',
    secret: 'sandboxSecretKey000000000000000000000002',
    securityToken: 'sandboxSecurityToken0000000000000000000000000000000000000001',
  },
];
