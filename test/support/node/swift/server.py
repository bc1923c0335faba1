"""OpenStack Swift with its S3 API, whole and in one process: objects in memory, the other parts in WORKDIR.

    /usr/bin/python3 server.py WORKDIR CORS_ORIGIN

Listens on 127.0.0.1, on ports the system chooses; writes the one that speaks S3 to WORKDIR/port when it is ready.
Needs Debian's python3-swift, hence Debian's own Python. Access key test:tester, secret testing-secret, region us-east-1.
"""

import eventlet

eventlet.monkey_patch()

import logging
import os
import sys
import time

from eventlet import wsgi

import swift.common.utils as swift_utils

WORKDIR, CORS_ORIGIN = sys.argv[1:3]

# One replica on one device; three rings that differ in the port only.
PARTITION_POWER = REPLICAS = 1
GREEN_THREADS = 1000

SWIFT_CONF = """[swift-hash]
swift_hash_path_prefix = etter
swift_hash_path_suffix = tests

[storage-policy:0]
name = default
default = yes

[swift-constraints]
max_file_size = 5368709122
"""

PROXY_CONF = """[DEFAULT]
swift_dir = {workdir}
log_level = ERROR
cors_allow_origin = {origin}
cors_expose_headers = ETag

[pipeline:main]
pipeline = catch_errors s3api tempauth bulk slo copy proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:s3api]
use = egg:swift#s3api
location = us-east-1
s3_acl = false
dns_compliant_bucket_names = true
# As S3 has them; Swift's own are smaller.
max_upload_part_num = 10000
max_parts_listing = 1000
allowable_clock_skew = 900
cors_preflight_allow_origin = {origin}

[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing-secret .admin

[filter:bulk]
use = egg:swift#bulk

[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10000

[filter:copy]
use = egg:swift#copy
"""


class Silence:
    """Where eventlet writes a line for every request."""

    def write(self, *_args):
        pass

    def flush(self):
        pass


class LocalMemcache:
    """What Swift asks of memcached, for one process."""

    def __init__(self):
        self.entries = {}

    def get(self, key, raise_on_error=False):
        value, ends = self.entries.get(key, (None, 0))
        return value if ends == 0 or ends > time.time() else None

    # `time` is Swift's name for a lifetime in seconds, hence the look-up among the globals.
    def set(self, key, value, serialize=True, time=0, min_compress_len=0, raise_on_error=False):
        self.entries[key] = (value, globals()["time"].time() + time if time else 0)
        return True

    def incr(self, key, delta=1, time=0):
        value = (self.get(key) or 0) + delta
        self.set(key, value, time=time)
        return value

    def decr(self, key, delta=1, time=0):
        return self.incr(key, -delta, time)

    def delete(self, key, server_key=None):
        self.entries.pop(key, None)

    def get_multi(self, keys, server_key):
        return [self.get(key) for key in keys]

    def set_multi(self, mapping, server_key, serialize=True, time=0, min_compress_len=0):
        for key, value in mapping.items():
            self.set(key, value, time=time)


def path(*parts):
    return os.path.join(WORKDIR, *parts)


def write(name, text):
    with open(path(name), "w") as file:
        file.write(text)


def configure():
    """Swift reads /etc/swift/swift.conf wherever it is told to find the rest; this makes it read ours."""
    os.makedirs(path("dev", "d1"), exist_ok=True)
    write("swift.conf", SWIFT_CONF)
    write("proxy.conf", PROXY_CONF.format(workdir=WORKDIR, origin=CORS_ORIGIN))
    swift_utils.HASH_PATH_PREFIX, swift_utils.HASH_PATH_SUFFIX = b"etter", b"tests"
    swift_utils.validate_configuration = lambda: None
    swift_utils.SWIFT_CONF_FILE = path("swift.conf")
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    from swift.common import storage_policy

    storage_policy.reload_storage_policies()


def write_ring(kind, port):
    from swift.common.ring import RingBuilder

    builder = RingBuilder(PARTITION_POWER, REPLICAS, 1)
    address = {"ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1", "replication_port": port}
    builder.add_dev({"id": 0, "zone": 1, "region": 1, "weight": 1.0, "device": "d1", "meta": "", **address})
    builder.rebalance()
    builder.get_ring().save(path(kind + ".ring.gz"))


def backends(conf, logger):
    from swift.account.server import AccountController
    from swift.container.server import ContainerController
    from swift.obj.mem_server import ObjectController

    controllers = {"account": AccountController, "container": ContainerController, "object": ObjectController}
    return {kind: controller(dict(conf), logger) for kind, controller in controllers.items()}


def main():
    configure()
    conf = {"devices": path("dev"), "mount_check": "false", "swift_dir": WORKDIR, "log_level": "ERROR"}
    # The ports are known once the sockets are bound, and the rings name them: sockets first.
    sockets = {kind: eventlet.listen(("127.0.0.1", 0)) for kind in ("account", "container", "object")}
    for kind, socket in sockets.items():
        write_ring(kind, socket.getsockname()[1])
    pool = eventlet.GreenPool(GREEN_THREADS)
    for kind, app in backends(conf, swift_utils.get_logger(conf)).items():
        eventlet.spawn(wsgi.server, sockets[kind], app, Silence(), custom_pool=pool)

    from swift.common.wsgi import SwiftHttpProtocol, loadapp

    proxy = loadapp(path("proxy.conf"))
    cache = LocalMemcache()

    def with_cache(environ, start_response):
        environ["swift.cache"] = cache
        return proxy(environ, start_response)

    socket = eventlet.listen(("127.0.0.1", 0))
    write("port.partial", str(socket.getsockname()[1]))
    os.rename(path("port.partial"), path("port"))
    wsgi.server(socket, with_cache, Silence(), custom_pool=pool, protocol=SwiftHttpProtocol)


main()
