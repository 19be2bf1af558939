"""Renders with Octavia's own renderers: JSON lines in, JSON lines out, one for one.

The first line out holds the version. A line in names the file to make and has what it is made of (render-requests.ts);
its answer is {"text": …} or {"error": …, "place": …}. The renderers take any objects that have the fields of Octavia's
data models: no database is asked. Octavia 11 and later are served.
"""
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import traceback
from importlib.metadata import version
from types import SimpleNamespace as Model

# What Octavia prints must not be taken for an answer.
answers = os.fdopen(os.dup(sys.stdout.fileno()), 'w')
sys.stdout = sys.stderr

CERTIFICATES = '/var/lib/octavia/certs'


def answer(**fields):
    print(json.dumps(fields), file=answers, flush=True)


def failure(error):
    """The last line of a traceback, and the file of Octavia that it leads to."""
    said = traceback.format_exception_only(type(error), error)[-1].strip()
    frames = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if getattr(error, 'filename', None):
        frames.append((error.filename, error.lineno))
    places = [(file.rpartition('/octavia/')[2], line) for file, line in frames if '/octavia/' in (file or '')]
    return {'error': said, **({'place': 'octavia/%s, line %s' % places[-1]} if places else {})}


def haproxy_version():
    """That of this machine. Debian trixie's where there is none: from 2.2 on nothing that is written depends on it."""
    if shutil.which('haproxy'):
        said = subprocess.run(['haproxy', '-v'], stdout=subprocess.PIPE, text=True, check=False).stdout
        found = re.search(r'version (\d+)\.(\d+)', said)
        if found:
            return list(found.groups())
    return ['3', '0']


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
    return given and Model(type=given['type'], **{name: given.get(name) for name in (
        'cookie_name', 'persistence_timeout', 'persistence_granularity')})


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


def listener(given, load_balancer, pools, peers_port=1025):
    default_pool = pools.get(given.get('default_pool_id'))
    policies = [policy(entry, pools) for entry in given['l7policies']]
    return settled(given, load_balancer=load_balancer, peer_port=peers_port, default_pool=default_pool,
                   l7policies=policies, pools=reached(default_pool, policies),
                   tls_certificate_id=given.get('default_tls_container_ref'),
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


def amphora(given):
    return Model(status='ALLOCATED', ha_port_id=None, vrrp_id=1, **{name: given[name] for name in (
        'id', 'role', 'lb_network_ip', 'ha_ip', 'vrrp_ip', 'vrrp_port_id', 'vrrp_priority', 'vrrp_interface')})


def load_balancer(given, vip_address, amphorae):
    return Model(
        id=given['id'], project_id=given['project_id'], enabled=given['admin_state_up'], topology=given['topology'],
        vip=Model(ip_address=vip_address), amphorae=[amphora(entry) for entry in amphorae],
        additional_vips=[Model(ip_address=vip['ip_address']) for vip in given['additional_vips']])


def haproxy_cfg(request):
    given = request['loadBalancer']
    pools = {entry['id']: pool(entry) for entry in given['pools']}
    whole = load_balancer(given, request['vipAddress'], request['amphorae'])
    # What the machine cannot hold, HAProxy refuses.
    constants.HAPROXY_MAX_MAXCONN = request['maxConnections']
    templater = haproxy.JinjaTemplater()
    # Details of the amphora are asked for since Octavia 15: without a TuneD profile they say nothing.
    known = inspect.signature(templater.build_config).parameters
    return templater.build_config(
        host_amphora=amphora(request['amphora']),
        listeners=[listener(entry, whole, pools, request['peersPort']) for entry in request['listeners']],
        tls_certs=tls_material(given, request['files']), haproxy_versions=HAPROXY_VERSION,
        **({'amp_details': {}} if 'amp_details' in known else {}))


def keepalived_conf(request):
    for option, value in request['options'].items():
        keepalived.CONF.set_override(option, value, group='keepalived_vrrp')
    whole = Model(vip=Model(ip_address=request['vip']['ip_address']),
                  amphorae=[amphora(entry) for entry in request['amphorae']],
                  vrrp_group=Model(vrrp_auth_type='PASS', **request['group']))
    network = {'vip_subnet': subnet(request['vip']), 'additional_vip_data': [
        {'ip_address': vip['ip_address'], 'subnet': subnet(vip)} for vip in request['additionalVips']]}
    return keepalived.KeepalivedJinjaTemplater().build_keepalived_config(whole, amphora(request['amphora']), network)


def keepalivedlvs_conf(request):
    given = request['loadBalancer']
    pools = {entry['id']: pool(entry) for entry in given['pools']}
    whole = load_balancer(given, request['vipAddress'], [])
    return lvs.LvsJinjaTemplater().build_config(listener=listener(request['listener'], whole, pools))


def unit(request):
    """What the agent makes of its templates, as its keepalived.py, keepalivedlvs.py and loadbalancer.py fill them."""
    templates = Environment(autoescape=True, loader=PackageLoader('octavia.amphorae.backends.agent.api_server'))
    place = {'amphora_netns': constants.AMP_NETNS_SVC_PREFIX, 'amphora_nsname': constants.AMPHORA_NAMESPACE}
    keepalived_command = {'keepalived_cmd': constants.KEEPALIVED_CMD,
                          'administrative_log_facility': util.CONF.amphora_agent.administrative_log_facility}
    identity = request['loadBalancer']
    match request['make']:
        case 'octavia-keepalived.service':
            return templates.get_template('keepalived.systemd.j2').render(
                keepalived_pid=util.keepalived_pid_path(), keepalived_cfg=util.keepalived_cfg_path(),
                **keepalived_command, **place)
        case 'octavia-keepalivedlvs.service':
            pid, vrrp_pid, check_pid = util.keepalived_lvs_pids_path(request['listener'])
            return templates.get_template('keepalived.systemd.j2').render(
                keepalived_pid=pid, vrrp_pid=vrrp_pid, check_pid=check_pid,
                keepalived_cfg=util.keepalived_lvs_cfg_path(request['listener']), **keepalived_command, **place)
        case 'haproxy.service':
            major, minor = map(int, HAPROXY_VERSION)
            return templates.get_template('systemd.conf.j2').render(
                peer_name=utils.base64_sha1_string(request['amphora']).rstrip('='), haproxy_pid=util.pid_path(identity),
                haproxy_cmd=util.CONF.haproxy_amphora.haproxy_cmd, haproxy_cfg=util.config_path(identity),
                haproxy_user_group_cfg=constants.HAPROXY_USER_GROUP_CFG, haproxy_major_version=major,
                haproxy_minor_version=minor, **place)
        case 'check_script.sh':
            return templates.get_template('keepalived_check_script.conf.j2').render(
                check_scripts_dir=util.keepalived_check_scripts_dir())


try:
    from jinja2 import Environment, PackageLoader
    from octavia.amphorae.backends.agent.api_server import util
    from octavia.amphorae.drivers.keepalived.jinja import jinja_cfg as keepalived
    from octavia.common import constants, utils
    from octavia.common.jinja.haproxy.combined_listeners import jinja_cfg as haproxy
    from octavia.common.jinja.lvs import jinja_cfg as lvs
except Exception as error:  # pylint: disable=broad-except
    answer(**failure(error))
    sys.exit(1)

HAPROXY_VERSION = haproxy_version()
MAKERS = {'haproxy.cfg': haproxy_cfg, 'keepalived.conf': keepalived_conf, 'keepalivedlvs.conf': keepalivedlvs_conf}
answer(version=version('octavia'))
for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer(text=MAKERS.get(asked['make'], unit)(asked))
    except Exception as error:  # pylint: disable=broad-except
        answer(**failure(error))
