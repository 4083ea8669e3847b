"""Signs requests by the official signer: one JSON object a line in, the value of the header Authorization a line out."""

import json
import sys
from collections import namedtuple
from urllib.parse import parse_qsl

from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

Key = namedtuple("Key", ["ak", "sk"])

for line in sys.stdin:
    asked = json.loads(line)
    request = SdkRequest(
        method=asked["method"],
        schema="http",
        host=asked["headers"]["host"],
        resource_path=asked["path"],
        header_params=dict(asked["headers"]),
        query_params=parse_qsl(asked["query"], keep_blank_values=True),
        body=asked["body"],
    )
    signed = Signer(Key(asked["access"], asked["secret"])).sign(request)
    print(json.dumps(signed.header_params["Authorization"]), flush=True)
