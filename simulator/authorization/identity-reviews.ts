/** Who somebody is, as objects (kubernetes pkg/registry/authentication, v1.35). */
import { type VirtualResource, badRequest } from '../apiserver/index.ts';
import { timestamp } from '../clock/index.ts';
import { builtIn } from '../resources/build.ts';
import type { KubeObject, UserInfo } from '../types/meta.ts';
import { API_AUDIENCE, reviewToken } from './service-account-tokens.ts';

export const AUTHENTICATION_GROUP = 'authentication.k8s.io';

interface TokenSpec {
  token?: string;
  audiences?: string[];
}

const tokenReview: VirtualResource = {
  definition: builtIn({
    group: AUTHENTICATION_GROUP,
    plural: 'tokenreviews',
    kind: 'TokenReview',
    namespaced: false,
    verbs: ['create'],
  }),
  create({ view }, _request, object) {
    const { token, audiences = [] } = (object as { spec?: TokenSpec }).spec ?? {};
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    const accepted = audiences.length > 0 ? audiences : [API_AUDIENCE];
    const result = reviewToken(view, token, accepted);
    const status =
      'error' in result
        ? { user: {}, error: result.error }
        : { authenticated: true, user: userInfo(result.user), audiences: result.audiences };
    return { ...object, status } as unknown as KubeObject;
  },
};

const selfSubjectReview: VirtualResource = {
  definition: builtIn({
    group: AUTHENTICATION_GROUP,
    plural: 'selfsubjectreviews',
    kind: 'SelfSubjectReview',
    namespaced: false,
    verbs: ['create'],
  }),
  create({ now }, { user }, object) {
    return {
      ...object,
      metadata: { ...object.metadata, creationTimestamp: timestamp(now) },
      status: { userInfo: userInfo(user) },
    } as unknown as KubeObject;
  },
};

export const identityReviews: readonly VirtualResource[] = [selfSubjectReview, tokenReview];

function userInfo({ username, uid, groups, extra }: UserInfo): object {
  return {
    username,
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
  };
}
