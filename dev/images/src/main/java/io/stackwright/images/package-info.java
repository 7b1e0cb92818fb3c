/** Builds the operator's image: a small Java runtime, and the layers on top of a Pulumi image. */
package io.stackwright.images;
