/**
 * CustomResourceDefinitions by users (apiextensions-apiserver v1.35): what a definition may say, which names it gets, what
 * it serves, how it goes. A cluster's registry follows from the definitions in its store.
 *
 * Left out: conversion by webhook (versions differ in apiVersion only, whatever `spec.conversion` says), the cost limits
 * of rules, subresources and selectable fields that differ among versions (those of the storage version hold for all).
 * Definitions of kinds that the simulator itself models can be changed, but change nothing of what those kinds do.
 */
export { customResourceAdmission } from './admission.ts';
export { customResourceControllers } from './controller.ts';
export { definitionOf } from './definition-of.ts';
export { validateDefinition, validateDefinitionUpdate } from './definition-rules.ts';
export { servingCustomResources } from './lifecycle.ts';
export { clusterRegistry, type StoreHolder } from './registry.ts';
export { servedSchemas } from './served-schemas.ts';
export { type CustomResourceDefinition, definitions } from './types.ts';
