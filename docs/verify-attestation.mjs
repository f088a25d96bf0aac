// Verifies an attestation (the JWT form) without any service: node verify-attestation.mjs jwks.json attestation.jwt
// jwks.json is what /.well-known/jwks.json has once answered; this looks neither at revocations nor at who is trusted.
import {createPublicKey, verify} from 'node:crypto';
import {readFileSync} from 'node:fs';

const [keys, token] = process.argv.slice(2).map(name => readFileSync(name, 'utf8').trim());
const [head, body, signature] = token.split('.');
const read = part => JSON.parse(Buffer.from(part, 'base64url').toString());
const refuse = why => { console.error(`Refusée : ${why}.`); process.exit(1); };

const {alg, typ, kid} = read(head);
if(alg !== 'EdDSA' || typ !== 'vc+jwt') refuse("ce n'est pas une attestation signée");
const key = JSON.parse(keys).keys.find(k => k.kid === kid && k.crv === 'Ed25519');
if(!key) refuse("la clé n'est pas publiée");
const {kty, crv, x} = key;
const text = Buffer.from(`${head}.${body}`);
if(!verify(null, text, createPublicKey({key: {kty, crv, x}, format: 'jwk'}), Buffer.from(signature, 'base64url'))) refuse('la signature ne convient pas');
const {name, issuer, validFrom, credentialSubject: {role, meeting}} = read(body);
console.log(JSON.stringify({name, issuer: issuer.id, validFrom, role, meeting}, null, 2));
