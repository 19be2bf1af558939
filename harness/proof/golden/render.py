"""Renders load balancers with Octavia's own renderers: JSON lines in, JSON lines out.

Each line in is a load balancer as src/golden/golden.fixture.ts describes it; each line out has its
haproxy.cfg and, for a pair, the master's keepalived.conf. A line with the ids of a listener, a load balancer and an
amphora has the agent's units for them. The renderers take any objects that have the fields
of Octavia's data models: no database is asked.
"""
import json
import sys
from importlib.metadata import version
from types import SimpleNamespace as Model

from jinja2 import Environment, PackageLoader
from octavia.amphorae.backends.agent.api_server import util
from octavia.amphorae.drivers.keepalived.jinja import jinja_cfg as keepalived
from octavia.common.jinja.haproxy.combined_listeners import jinja_cfg as haproxy
from octavia.common import constants, utils

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
    return files


def units(case):
    """What the agent makes of its templates, as its keepalived.py, keepalivedlvs.py and loadbalancer.py fill them."""
    templates = Environment(autoescape=True, loader=PackageLoader('octavia.amphorae.backends.agent.api_server'))
    place = {'amphora_netns': constants.AMP_NETNS_SVC_PREFIX, 'amphora_nsname': constants.AMPHORA_NAMESPACE}
    keepalived_command = {'keepalived_cmd': constants.KEEPALIVED_CMD,
                          'administrative_log_facility': util.CONF.amphora_agent.administrative_log_facility}
    pid, vrrp_pid, check_pid = util.keepalived_lvs_pids_path(case['listener'])
    load_balancer = case['loadBalancer']
    major, minor = map(int, HAPROXY_VERSION)
    return {
        'octavia-keepalived.service': templates.get_template('keepalived.systemd.j2').render(
            keepalived_pid=util.keepalived_pid_path(), keepalived_cfg=util.keepalived_cfg_path(),
            **keepalived_command, **place),
        'octavia-keepalivedlvs.service': templates.get_template('keepalived.systemd.j2').render(
            keepalived_pid=pid, vrrp_pid=vrrp_pid, check_pid=check_pid,
            keepalived_cfg=util.keepalived_lvs_cfg_path(case['listener']), **keepalived_command, **place),
        'haproxy.service': templates.get_template('systemd.conf.j2').render(
            peer_name=utils.base64_sha1_string(case['amphora']).rstrip('='), haproxy_pid=util.pid_path(load_balancer),
            haproxy_cmd=util.CONF.haproxy_amphora.haproxy_cmd, haproxy_cfg=util.config_path(load_balancer),
            haproxy_user_group_cfg=constants.HAPROXY_USER_GROUP_CFG, haproxy_major_version=major,
            haproxy_minor_version=minor, **place),
        'check_script.sh': templates.get_template('keepalived_check_script.conf.j2').render(
            check_scripts_dir=util.keepalived_check_scripts_dir())}


for line in sys.stdin:
    given = json.loads(line)
    files = units(given) if 'listener' in given else rendered(given)
    print(json.dumps({'version': version('octavia'), 'name': given['name'], 'files': files}), flush=True)
