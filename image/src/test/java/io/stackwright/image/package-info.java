/** What is in the operator's image, and that it works there. */
package io.stackwright.image;
