"""Rules for any object: names, selectors, patches, owners, errors, and the calls themselves."""
