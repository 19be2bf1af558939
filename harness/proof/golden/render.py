"""Renders load balancers with Octavia's own renderers: JSON lines in, JSON lines out.

Each line in is a load balancer as src/golden/golden.fixture.ts describes it; each line out has its
haproxy.cfg and, for a pair, the master's keepalived.conf. The renderers take any objects that have the fields
of Octavia's data models: no database is asked.
"""
import json
import sys
from importlib.metadata import version
from types import SimpleNamespace as Model

from octavia.amphorae.drivers.keepalived.jinja import jinja_cfg as keepalived
from octavia.common.jinja.haproxy.combined_listeners import jinja_cfg as haproxy

CERTIFICATES = '/var/lib/octavia/certs'
# What Debian trixie's amphora would answer; from 2.2 on nothing that is written depends on it.
HAPROXY_VERSION = ['3', '0']


def settled(given, **fields):
    """A model with the fields that all objects have."""
    return Model(id=given['id'], enabled=given['admin_state_up'], provisioning_status='ACTIVE',
                 operating_status='ONLINE', **fields)


def member(given):
    return settled(given, ip_address=given['address'], subnet_id=None, monitor_address=given.get('monitor_address'),
                   monitor_port=given.get('monitor_port'),
                   **{name: given[name] for name in ('protocol_port', 'weight', 'backup')})


def monitor(given):
    http_version = given.get('http_version')
    return settled(given, fall_threshold=given['max_retries_down'], rise_threshold=given['max_retries'],
                   http_version=float(http_version) if http_version else None, domain_name=given.get('domain_name'),
                   **{name: given[name] for name in
                      ('type', 'delay', 'timeout', 'http_method', 'url_path', 'expected_codes')})


def persistence(given):
    return given and Model(type=given['type'], cookie_name=given.get('cookie_name'))


def pool(given):
    return settled(given, protocol=given['protocol'], lb_algorithm=given['lb_algorithm'],
                   members=[member(entry) for entry in given['members']],
                   health_monitor=given.get('healthmonitor') and monitor(given['healthmonitor']),
                   session_persistence=persistence(given.get('session_persistence')),
                   tls_enabled=given['tls_enabled'], tls_certificate_id=given.get('tls_container_ref'),
                   ca_tls_certificate_id=given.get('ca_tls_container_ref'),
                   crl_container_id=given.get('crl_container_ref'),
                   **{name: given.get(name) for name in ('tls_ciphers', 'tls_versions', 'alpn_protocols')})


def policy(given, pools):
    rules = [settled(rule, type=rule['type'], compare_type=rule['compare_type'], key=rule.get('key'),
                     value=rule['value'], invert=rule['invert']) for rule in given['rules']]
    return settled(given, action=given['action'], l7rules=rules, redirect_pool=pools.get(given.get('redirect_pool_id')),
                   redirect_url=given.get('redirect_url'), redirect_prefix=given.get('redirect_prefix'),
                   redirect_http_code=given.get('redirect_http_code'))


def reached(default_pool, policies):
    """The pools of a listener, in the order of octavia/db/models.py."""
    found = [default_pool] if default_pool else []
    for entry in policies:
        if entry.redirect_pool and entry.l7rules and entry.enabled and entry.redirect_pool not in found:
            found.append(entry.redirect_pool)
    return found


def listener(given, load_balancer, pools):
    default_pool = pools.get(given.get('default_pool_id'))
    policies = [policy(entry, pools) for entry in given['l7policies']]
    return settled(given, load_balancer=load_balancer, peer_port=1025, default_pool=default_pool, l7policies=policies,
                   pools=reached(default_pool, policies), tls_certificate_id=given.get('default_tls_container_ref'),
                   client_ca_tls_certificate_id=given.get('client_ca_tls_container_ref'),
                   client_crl_container_id=given.get('client_crl_container_ref'),
                   **{name: given.get(name) for name in (
                       'protocol', 'protocol_port', 'connection_limit', 'insert_headers', 'client_authentication',
                       'tls_ciphers', 'tls_versions', 'alpn_protocols', 'hsts_max_age', 'hsts_include_subdomains',
                       'hsts_preload', 'timeout_client_data', 'timeout_member_connect', 'timeout_member_data',
                       'timeout_tcp_inspect')})


def tls_material(load_balancer, files):
    """As rest_api_driver.py gives it: names of the listeners' files, paths of the pools'."""
    def path(given, field):
        reference = given.get(field)
        return reference and f"{CERTIFICATES}/{load_balancer['id']}/{files[reference]}"
    return {**files, **{
        entry['id']: {'client_cert': path(entry, 'tls_container_ref'), 'ca_cert': path(entry, 'ca_tls_container_ref'),
                      'crl': path(entry, 'crl_container_ref')} for entry in load_balancer['pools']}}


def subnet(given):
    return {'cidr': given['subnet_cidr'], 'gateway_ip': given.get('gateway_ip'), 'host_routes': given['host_routes']}


def rendered(case):
    given = case['loadBalancer']
    pools = {entry['id']: pool(entry) for entry in given['pools']}
    amphorae = [Model(**entry, status='ALLOCATED', ha_port_id=None, vrrp_id=1) for entry in case['amphorae']]
    load_balancer = Model(
        id=given['id'], project_id=given['project_id'], enabled=given['admin_state_up'], topology=given['topology'],
        vip=Model(ip_address=case['vip']['ip_address']),
        additional_vips=[Model(ip_address=vip['ip_address']) for vip in case['additionalVips']],
        amphorae=amphorae, vrrp_group=Model(vrrp_auth_type='PASS', **case['group']))
    listeners = [listener(entry, load_balancer, pools) for entry in given['listeners']]
    files = {'haproxy.cfg': haproxy.JinjaTemplater().build_config(
        host_amphora=amphorae[0], listeners=listeners, tls_certs=tls_material(given, case['files']),
        haproxy_versions=HAPROXY_VERSION, amp_details={})}
    if given['topology'] == 'ACTIVE_STANDBY':
        network = {'vip_subnet': subnet(case['vip']), 'additional_vip_data': [
            {'ip_address': vip['ip_address'], 'subnet': subnet(vip)} for vip in case['additionalVips']]}
        files['keepalived.conf'] = keepalived.KeepalivedJinjaTemplater().build_keepalived_config(
            load_balancer, amphorae[0], network)
    return {'version': version('octavia'), 'name': case['name'], 'files': files}


for line in sys.stdin:
    print(json.dumps(rendered(json.loads(line))), flush=True)
