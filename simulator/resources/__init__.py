"""One module a resource. The engine imports every module of this folder: putting one here is enough."""
