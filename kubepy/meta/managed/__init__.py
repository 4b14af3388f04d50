"""Server-side apply and metadata.managedFields: who owns which field of an object.

fieldset    sets of fields, as FieldsV1 writes them
shapes      what a walk asks about a type: maps, lists, scalars, and who owns them whole
structs     the shapes of the wire types
typed       a value beside its shape: fields, comparison, merge, removal, complaints
entries     the owners of an object, and the entries of metadata.managedFields
manager     what an update and an apply do to the owners
scale       the owners of an object's replicas, as its scale shows them
"""
