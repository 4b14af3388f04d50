"""The Store on etcd v3: `store.open`."""
