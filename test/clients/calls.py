"""Makes every call that Sluice makes by the official clients. Reads where and as whom from stdin, tells what came of each."""

import json
import sys
import time
import warnings

from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkcore.signer.signer import Signer
from huaweicloudsdkdcs import v2 as dcs
from huaweicloudsdkgaussdb import v3 as taurusdb
from huaweicloudsdkgaussdbforopengauss import v3 as gaussdb
from huaweicloudsdkiam import v3 as iam

warnings.filterwarnings("ignore")


def by_token(kind):
    """Credentials of that kind that send a token instead of signing."""

    class TokenCredentials(kind):
        token = None

        def process_sts(self, http_client):
            pass

        def sign_request(self, request):
            if self.token is not None:
                request.header_params["X-Auth-Token"] = self.token
            Signer.process_request_uri(request)
            return request

    # The builder of a client knows credentials by the name of their class.
    TokenCredentials.__name__ = kind.__name__
    return TokenCredentials()


def iam_client(credentials, wish):
    return iam.IamClient.new_builder().with_credentials(credentials).with_endpoint(wish["endpoints"]["iam"]).build()


def obtain_token(wish, scope):
    user = iam.PwdPasswordUser(
        domain=iam.PwdPasswordUserDomain(name=wish["domain"]), name=wish["user"], password=wish["password"]
    )
    identity = iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(user=user))
    body = iam.KeystoneCreateUserTokenByPasswordRequestBody(auth=iam.PwdAuth(identity=identity, scope=scope))
    nobody = by_token(GlobalCredentials).with_domain_id("unused")
    request = iam.KeystoneCreateUserTokenByPasswordRequest(nocatalog="true", body=body)
    return iam_client(nobody, wish).keystone_create_user_token_by_password(request).x_subject_token


def credentials_for(wish):
    """Credentials that do not know their project id yet."""
    if wish["by"] == "token":
        credentials = by_token(BasicCredentials)
        credentials.token = obtain_token(wish, iam.AuthScope(domain=iam.AuthScopeDomain(name=wish["domain"])))
    else:
        credentials = BasicCredentials(wish["access"], wish["secret"])
        if wish.get("securityToken"):
            credentials = credentials.with_security_token(wish["securityToken"])
    return credentials.with_iam_endpoint(wish["endpoints"]["iam"])


def client_of(builder, service, credentials, wish):
    region = Region(wish["region"], wish["endpoints"][service])
    return builder.new_builder().with_credentials(credentials).with_region(region).build()


def drive_gaussdb(client, at, tell):
    def body(**more):
        return dict(node_id=at["nodeId"], component_id=at["componentId"], **more)

    def list_sessions(**query):
        info = gaussdb.SessionQueryInfoOption(**query) if query else None
        wanted = gaussdb.ListRealTimeSessionsRequestBody(**body(query_info=info))
        request = gaussdb.ListRealTimeSessionsRequest(instance_id=at["instanceId"], body=wanted)
        return client.list_real_time_sessions(request).sessions

    sessions = list_sessions()
    tell("real-time-session", [session.to_dict() for session in sessions])
    tell("real-time-session, filtered", len(list_sessions(user_name="reporting")))
    nodes = client.list_key_view_execute_node(
        gaussdb.ListKeyViewExecuteNodeRequest(instance_id=at["instanceId"], body={})
    )
    tell("key-view-execute-node", [node.to_dict() for node in nodes.nodes])
    wanted = gaussdb.KillSessionRequestBody(**body(session_ids=[sessions[0].session_id]))
    killed = client.stop_session(gaussdb.StopSessionRequest(instance_id=at["instanceId"], body=wanted))
    tell("kill-session", killed.to_dict())
    wanted = gaussdb.BaseOpsKeyViewRequestBody(**body())
    freed = client.stop_free_session(gaussdb.StopFreeSessionRequest(instance_id=at["instanceId"], body=wanted))
    tell("kill-free-session", freed.to_dict())


def drive_taurusdb(client, at, tell):
    place = dict(instance_id=at["instanceId"], node_id=at["nodeId"])
    listed = client.list_taurus_db_node_processes(
        taurusdb.ListTaurusDbNodeProcessesRequest(offset=0, limit=100, **place)
    )
    tell("list-processes", listed.to_dict())
    instance = client.show_gauss_my_sql_instance_info(
        taurusdb.ShowGaussMySqlInstanceInfoRequest(instance_id=at["instanceId"])
    ).instance
    tell("show-instance", [dict(id=node.id, type=node.type, status=node.status) for node in instance.nodes])
    ids = [listed.processes[0].id, 999999999]
    wait = client.show_lock_wait_session(taurusdb.ShowLockWaitSessionRequest(pid=ids[0], **place))
    tell("lock-wait", wait.to_dict())
    wanted = taurusdb.DeleteTaurusDbNodeProcessesRequestBody(processes=ids)
    deleted = client.delete_taurus_db_node_processes(
        taurusdb.DeleteTaurusDbNodeProcessesRequest(body=wanted, **place)
    )
    tell("delete-processes", deleted.to_dict())


def drive_dcs(client, at, tell):
    instance = at["instanceId"]

    def follow(body):
        while True:
            job = client.show_job_info(dcs.ShowJobInfoRequest(job_id=body["job_id"])).to_dict()
            if job["status"] in ("SUCCESS", "FAIL"):
                return job
            time.sleep(0.02)

    nodes = client.show_nodes_information(dcs.ShowNodesInformationRequest(instance_id=instance)).nodes
    tell("logical-nodes", [node.to_dict() for node in nodes])
    scan = dcs.ScanClientsRequestBody(node_id=at["nodeId"], clean_cache=True)
    scanned = client.scan_clients(dcs.ScanClientsRequest(instance_id=instance, body=scan))
    tell("scan-clients, show-job", follow(job_of(scanned)))
    page = dcs.ListClientsRequest(instance_id=instance, node_id=at["nodeId"], offset=0, limit=1000)
    listed = client.list_clients(page)
    tell("list-clients", listed.to_dict())
    wanted = dcs.HangUpClientsRequestBody(node_id=at["nodeId"], client_addrs=[listed.clients[0].peer])
    hung_up = client.hang_up_clients(dcs.HangUpClientsRequest(instance_id=instance, body=wanted))
    tell("kill-clients", hung_up.status_code)
    of_all = dcs.HangUpKillAllClientsRequestBody(kill_all_nodes=True)
    begun = client.hang_up_kill_all_clients(dcs.HangUpKillAllClientsRequest(instance_id=instance, body=of_all))
    tell("kill-all-clients, show-job", follow(job_of(begun)))


def job_of(response):
    """The model has no member for the job: it stays in the raw answer."""
    return json.loads(response.raw_content)


def main():
    wish = json.load(sys.stdin)
    told = {}
    credentials = credentials_for(wish)
    clients = [
        (drive_gaussdb, gaussdb.GaussDBforopenGaussClient, "gaussdb"),
        (drive_taurusdb, taurusdb.GaussDBClient, "taurusdb"),
        (drive_dcs, dcs.DcsClient, "dcs"),
    ]
    for drive, builder, service in clients:
        client = client_of(builder, service, credentials, wish)
        told["project"] = credentials.project_id
        if wish["by"] == "token":
            project = iam.AuthScopeProject(id=credentials.project_id)
            credentials.token = obtain_token(wish, iam.AuthScope(project=project))
        drive(client, wish["places"][service], told.__setitem__)
    catalog = iam_client(iam_credentials(credentials, wish), wish).keystone_show_catalog(iam.KeystoneShowCatalogRequest())
    told["catalog"] = {entry.name: entry.endpoints[0].url for entry in catalog.catalog}
    json.dump(told, sys.stdout)


def iam_credentials(credentials, wish):
    """IAM is a global service: its clients find the id of the domain by themselves."""
    if wish["by"] == "token":
        made = by_token(GlobalCredentials)
        made.token = credentials.token
    else:
        made = GlobalCredentials(wish["access"], wish["secret"])
        if wish.get("securityToken"):
            made = made.with_security_token(wish["securityToken"])
    return made.with_iam_endpoint(wish["endpoints"]["iam"])


main()
