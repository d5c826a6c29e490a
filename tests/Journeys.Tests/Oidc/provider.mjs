// A real OpenID provider for tests: the certified `oidc-provider` on loopback, its people kept in memory. Says where it listens in its first line.
// PUT /-/people/{sub} with claims makes or changes somebody; DELETE forgets them.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const people = new Map();
const key = (type, options, extra) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), use: 'sig', ...extra });

const configuration = {
  claims: { openid: ['sub', 'sid'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'], groups: ['groups', 'roles'] },
  scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
  cookies: { keys: ['a key of tests'] },
  jwks: { keys: [key('rsa', { modulusLength: 2048 }, { alg: 'RS256', kid: 'r' }), key('ec', { namedCurve: 'P-256' }, { alg: 'ES256', kid: 'e' })] },
  features: { registration: { enabled: true }, backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
  clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
  issueRefreshToken: async (ctx, client, code) => client.grantTypeAllowed('refresh_token') && code.scopes.has('offline_access'),
  rotateRefreshToken: () => true,
  // It guards its way out as we do; the house under test is on loopback.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  async findAccount(ctx, sub) {
    const claims = people.get(sub);
    return claims && { accountId: sub, claims: async () => ({ ...claims, sub }) };
  },
  // Everybody agrees to everything; what is tested is signing in.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid email profile groups offline_access');
    await grant.save();
    return grant;
  },
  ttl: { AccessToken: 600, AuthorizationCode: 60, IdToken: 600, RefreshToken: 3600, Session: 3600, Interaction: 600, Grant: 3600 },
};

let provider;
const server = createServer(async (request, response) => {
  const person = /^\/-\/people\/([\w-]+)$/.exec(request.url);
  if (!person) {
    return provider(request, response);
  }
  let body = '';
  for await (const chunk of request) body += chunk;
  if (request.method === 'DELETE') people.delete(person[1]);
  else people.set(person[1], JSON.parse(body));
  response.writeHead(204).end();
});
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  provider = new Provider(issuer, configuration).callback();
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
