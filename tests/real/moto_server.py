#!/usr/bin/env python3
"""Serves AWS as moto knows it, which checks every signature and every policy, on a loopback port that the system
chooses.

    moto_server.py

Prints `ready URL ID SECRET`: where it is, and the access key of a user who may do anything, as may the role `bench`.
It ends when its standard input is closed: a server never outlives the test that started it, however that test ends.
"""

import json
import os
import sys

# What is done below, before anything is checked.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "5"

import boto3
from moto.server import ThreadedMotoServer

HOST = "127.0.0.1"
ANYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ANYBODY = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}]}


def document(policy):
    return json.dumps({"Version": "2012-10-17", **policy})


def make_user_and_role(url):
    iam = boto3.client(
        "iam", endpoint_url=url, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    iam.create_user(UserName="bench")
    iam.put_user_policy(UserName="bench", PolicyName="anything", PolicyDocument=document(ANYTHING))
    iam.create_role(RoleName="bench", AssumeRolePolicyDocument=document(ANYBODY))
    iam.put_role_policy(RoleName="bench", PolicyName="anything", PolicyDocument=document(ANYTHING))
    key = iam.create_access_key(UserName="bench")["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def main():
    server = ThreadedMotoServer(ip_address=HOST, port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    print("ready", url, *make_user_and_role(url), flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    main()
